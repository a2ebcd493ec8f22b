import { isZhidaError } from '@zhida/core';
import { asUnavailable } from '@zhida/database';
import { type KeyDirectory, sealEnvelope, type TrustedParty } from '@zhida/signing';
import { sql } from 'kysely';
import { clearDeadLetter, isOwnFault, recordDeadLetter } from '../dead-letters/dead-letters.js';
import { trustedRecipient } from '../delivery/route.js';
import { dateNow, type LedgerContext, type Tenant, type Tx } from '../ledger/context.js';
import { dataKeyOf, sealedAs } from '../ledger/data-keys.js';
import { isDisabled } from '../ledger/endpoints.js';
import { appendEvent } from '../ledger/events.js';

/** Envelopes handed out in one answer. */
const PAGE = 20;
/** An agency that asks every few seconds and does not sign is no attempt each time. */
const ATTEMPT_EVERY_MS = 60_000;

/** Envelopes that wait for one agency. */
export interface InboxPage {
  readonly deliveries: readonly { readonly deliveryId: string; readonly envelope: string }[];
  /** The `after` of the next page; `null` on the last one. */
  readonly next: string | null;
}

interface Waiting {
  readonly facility: Tenant;
  readonly delivery_id: string;
  readonly report_id: string;
  readonly payload_sealed: Buffer | null;
}

/**
 * Gives an agency what waits for it, sealed to its key of this moment: the same payload bytes each time (INV-4). A delivery stays
 * until its receipt comes, so an agency that loses an answer asks again from the start; what is being pushed to it is given too.
 */
export async function handOut(
  ledger: LedgerContext,
  keys: KeyDirectory,
  { party, after, nowMs }: { readonly party: string; readonly after: string; readonly nowMs: number },
): Promise<InboxPage> {
  const recipient = trustedRecipient(keys, party, nowMs);
  if (recipient === undefined) return { deliveries: [], next: null };
  const rows = await ledger.db
    .selectFrom('deliveries')
    .select(['facility', 'delivery_id', 'report_id', 'payload_sealed'])
    .where('recipient_party', '=', party)
    .where('state', 'in', ['open', 'attested'])
    .where('payload_sealed', 'is not', null)
    .where((of) => of.or([of('hold_reason', 'is', null), of('hold_reason', '=', 'pull')]))
    .where('delivery_id', '>', after)
    .orderBy('delivery_id')
    .limit(PAGE)
    .execute();
  const deliveries: { deliveryId: string; envelope: string }[] = [];
  for (const row of rows) {
    if (await isDisabled(row.facility, ledger.db, party)) continue;
    // Written down before it leaves: a crash between costs a repeat, never a gap.
    await recordHandOut(ledger, row);
    const envelope = await envelopeOrFault(ledger, keys, row, recipient.party);
    if (envelope !== undefined) deliveries.push({ deliveryId: row.delivery_id, envelope });
  }
  return { deliveries, next: rows.length === PAGE ? (rows.at(-1)?.delivery_id ?? null) : null };
}

/** One that cannot be opened or sealed must not keep the others from the agency. */
async function envelopeOrFault(
  ledger: LedgerContext,
  keys: KeyDirectory,
  row: Waiting,
  recipient: TrustedParty,
): Promise<string | undefined> {
  const { facility, delivery_id: deliveryId } = row;
  try {
    const envelope = await envelopeOf(ledger, keys, row, recipient);
    await ledger.db.transaction().execute((tx) => clearDeadLetter(facility, tx, ledger, deliveryId));
    return envelope;
  } catch (error) {
    if (asUnavailable(error) !== undefined || !isOwnFault(error)) throw error;
    const fault = isZhidaError(error) && error.code === 'ZD_ERR_SEALED_UNREADABLE' ? 'not-opened' : 'not-sealed';
    await ledger.db.transaction().execute((tx) => recordDeadLetter(facility, tx, ledger, { deliveryId, fault }));
    return undefined;
  }
}

async function envelopeOf(ledger: LedgerContext, keys: KeyDirectory, row: Waiting, recipient: TrustedParty): Promise<string> {
  const dataKey = await dataKeyOf(row.facility, ledger.db, ledger, row.report_id, 'report');
  const payload = ledger.sealer.open(dataKey, row.payload_sealed ?? Buffer.alloc(0), sealedAs.payload(row.delivery_id));
  return sealEnvelope({ payload, signer: keys, recipient, now: ledger.clock.now() });
}

async function recordHandOut(ledger: LedgerContext, row: Waiting): Promise<void> {
  const now = dateNow(ledger.clock);
  const lately = new Date(now.getTime() - ATTEMPT_EVERY_MS);
  const reportId = await ledger.db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ fence: number }>`
      with counted as (
        update deliveries set fence = fence + 1, last_outcome = 'unknown'
        where facility = ${row.facility} and delivery_id = ${row.delivery_id} and state in ('open', 'attested')
          and not exists (select from attempts where attempts.delivery_id = deliveries.delivery_id and started_at > ${lately})
        returning facility, delivery_id, fence
      )
      insert into attempts (facility, delivery_id, fence, started_at, finished_at, outcome, detail, lease_lost)
      select facility, delivery_id, fence, ${now}, ${now}, 'unknown', 'pulled', false from counted returning fence`.execute(tx);
    const fence = rows[0]?.fence;
    if (fence === undefined) return undefined;
    const subject = { deliveryId: row.delivery_id, reportId: row.report_id, fence: String(fence), outcome: 'unknown', detail: 'pulled' };
    const entry = { actor: ledger.keys.party, action: 'delivery.attempted', subject };
    await appendEvent(row.facility, tx, ledger, row.report_id, [{ entry }]);
    return row.report_id;
  });
  if (reportId !== undefined) ledger.changed(reportId);
}

/** Lays a delivery ready for an agency that fetches, in the caller's transaction. */
export async function readyForPull(tenant: Tenant, tx: Tx, ledger: LedgerContext, deliveryId: string): Promise<string | undefined> {
  const ready = await tx
    .updateTable('deliveries')
    .set({ hold_reason: 'pull', held_by: ledger.keys.party, held_since: dateNow(ledger.clock) })
    .where('facility', '=', tenant)
    .where('delivery_id', '=', deliveryId)
    .returning('report_id')
    .executeTakeFirst();
  if (ready === undefined) return undefined;
  const { report_id: reportId } = ready;
  const entry = { actor: ledger.keys.party, action: 'delivery.held', subject: { deliveryId, reportId, reason: 'pull' } };
  await appendEvent(tenant, tx, ledger, reportId, [{ entry }]);
  return ready.report_id;
}
