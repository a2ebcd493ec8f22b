import { sql } from 'kysely';
import { trustedRecipient } from '../delivery/route.js';
import { visibleTo } from '../escalation/hidden.js';
import type { ProfileRecipient } from '../options.js';
import type { HoldReason, PartyName } from '../schema.js';
import type { LedgerContext, Tenant } from './context.js';

/** How the road to one recipient stands, and what waits on it. Times are RFC 3339. */
export interface LineState {
  readonly party: string;
  readonly kind: string;
  readonly name: PartyName;
  readonly system: ProfileRecipient['system'];
  /** `null` where the profile has no number. */
  readonly phone: string | null;
  /** False while no keys and address of it are pinned, so that nothing can be sent. */
  readonly trusted: boolean;
  readonly disabledSince: string | null;
  readonly disabledReason: string | null;
  /** Since when the breaker is open: deliveries wait, and one is tried now and then. */
  readonly breakerSince: string | null;
  readonly failures: number;
  /** Deliveries without a receipt or an attestation. */
  readonly open: number;
  readonly oldestOpenAt: string | null;
  /** Those of them that are not being sent, by what holds them. */
  readonly held: readonly { readonly reason: HoldReason; readonly count: number }[];
}

/** The roads to all recipients a facility may have, in the order of the profile. Cases hidden from the operator are not counted. */
export async function listLines(
  tenant: Tenant,
  { db, keys, clock }: Pick<LedgerContext, 'db' | 'keys' | 'clock'>,
  { recipients, by }: { readonly recipients: readonly ProfileRecipient[]; readonly by: string },
): Promise<LineState[]> {
  const [open, disabled, gates] = await Promise.all([
    openByParty(tenant, db, by),
    db.selectFrom('endpoints').selectAll().where('facility', '=', tenant).where('disabled_since', 'is not', null).execute(),
    db.selectFrom('endpoint_gates').selectAll().execute(),
  ]);
  // A station of other hospitals is no road of this one.
  const own = recipients.filter(({ party, facilities }) => (facilities?.includes(tenant) ?? true) || open.has(party));
  return own.map(({ party, kind, name, system, phone }) => {
    const counted = open.get(party) ?? [];
    const stopped = disabled.find((row) => row.party === party);
    const gate = gates.find((row) => row.party === party);
    const oldest = counted.map(({ oldest: at }) => at.getTime());
    return {
      party,
      kind,
      name,
      system,
      phone: phone ?? null,
      trusted: trustedRecipient(keys, party, clock.now()) !== undefined,
      disabledSince: stopped?.disabled_since?.toISOString() ?? null,
      disabledReason: stopped?.disabled_reason ?? null,
      breakerSince: gate?.opened_at?.toISOString() ?? null,
      failures: gate?.failures ?? 0,
      open: counted.reduce((sum, { count }) => sum + count, 0),
      oldestOpenAt: oldest.length === 0 ? null : new Date(Math.min(...oldest)).toISOString(),
      held: counted.flatMap(({ hold_reason: reason, count }) => (reason === null ? [] : [{ reason, count }])),
    };
  });
}

interface OpenOfParty {
  readonly recipient_party: string;
  readonly hold_reason: HoldReason | null;
  readonly count: number;
  readonly oldest: Date;
}

async function openByParty(tenant: Tenant, db: LedgerContext['db'], by: string): Promise<Map<string, OpenOfParty[]>> {
  const { rows } = await sql<OpenOfParty>`
    select recipient_party, hold_reason, count(*)::integer as count, min(created_at) as oldest
    from deliveries join reports using (report_id)
    where deliveries.facility = ${tenant} and state = 'open' and ${visibleTo(by)}
    group by recipient_party, hold_reason order by recipient_party, hold_reason`.execute(db);
  const parties = new Map<string, OpenOfParty[]>();
  for (const row of rows) parties.set(row.recipient_party, [...(parties.get(row.recipient_party) ?? []), row]);
  return parties;
}
