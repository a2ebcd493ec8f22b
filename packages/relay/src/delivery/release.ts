import { invariant } from '@zhida/core';
import { sealRestrictedGroups, type TrustedParty } from '@zhida/signing';
import type { Logger } from 'pino';
import { type EnvelopeHead, payloadBytes, viewOf } from '../intake/render.js';
import { reopen } from '../intake/reopen.js';
import { sealPayload } from '../intake/seal-payload.js';
import { asUnavailable } from '@zhida/database';
import { clearDeadLetter, isOwnFault, recordDeadLetter } from '../dead-letters/dead-letters.js';
import { audit } from '../ledger/audit.js';
import type { LedgerContext, Tenant, Tx } from '../ledger/context.js';
import { dataKeyOf } from '../ledger/data-keys.js';
import { readyForPull } from '../roads/pull.js';
import { heldDeliveries, type HeldRecipient, releaseDelivery, unreachableRecipients } from '../ledger/holds.js';
import type { DeliveryRow } from '../schema.js';
import { resolveRoute } from './route.js';

/** Most deliveries released for one recipient in one sweep. */
const RELEASE_BATCH = 100;

/**
 * Gives held deliveries back as soon as their recipient can be reached: keys pinned, endpoint enabled. A delivery that was
 * opened before there were keys gets its payload now, once, and keeps it. `no-system` recipients stay with a person,
 * and what lies ready to be fetched stays so.
 *
 * Each call goes on where the one before ended, so that held deliveries which cannot be released are not all that is ever tried.
 */
export function holdReleaser(ledger: LedgerContext, log: Logger): (tenant: Tenant) => Promise<void> {
  const cursors = new Map<string, string>();

  async function releaseFor(tenant: Tenant, { party, reason }: HeldRecipient): Promise<void> {
    const route = await resolveRoute(tenant, ledger.db, ledger.keys, party, ledger.clock.now());
    if (route.kind === 'held') return;
    const lane = `${tenant} ${party} ${reason}`;
    const page = { party, reason, after: cursors.get(lane) ?? '', limit: RELEASE_BATCH };
    const held = await heldDeliveries(tenant, ledger, page);
    cursors.set(lane, held.length < RELEASE_BATCH ? '' : (held.at(-1) ?? ''));
    for (const deliveryId of held) await tryRelease(tenant, { deliveryId, reason }, route.party);
  }

  async function tryRelease(tenant: Tenant, held: HeldDelivery, recipient: TrustedParty): Promise<void> {
    const { deliveryId } = held;
    const about = { deliveryId, party: recipient.party };
    try {
      await release(tenant, ledger, held, recipient);
      log.info(about, 'a held report goes out again');
    } catch (error) {
      // It stays held and visible; the ones behind it must not stay with it.
      if (isOwnFault(error) && asUnavailable(error) === undefined) {
        await ledger.db.transaction().execute((tx) => recordDeadLetter(tenant, tx, ledger, { deliveryId, fault: 'not-rendered' }));
      }
      log.error({ ...about, error: error instanceof Error ? error.name : typeof error }, 'a held report could not be released');
    }
  }

  return async (tenant) => {
    for (const held of await unreachableRecipients(tenant, ledger)) await releaseFor(tenant, held);
  };
}

interface HeldDelivery extends Pick<HeldRecipient, 'reason'> {
  readonly deliveryId: string;
}

async function release(
  tenant: Tenant,
  ledger: LedgerContext,
  { deliveryId, reason }: HeldDelivery,
  recipient: TrustedParty,
): Promise<void> {
  const reportId = await ledger.db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('deliveries')
      .selectAll()
      .where('facility', '=', tenant)
      .where('delivery_id', '=', deliveryId)
      .where('state', 'in', ['open', 'attested'])
      // It may have been held for another reason since it was looked for.
      .where('hold_reason', '=', reason)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) return undefined;
    if (row.payload_sha256 === null) {
      await renderLate(tenant, tx, ledger, row, recipient);
      await clearDeadLetter(tenant, tx, ledger, deliveryId);
    }
    // Who fetches is not sent to: from now on it lies ready.
    if (ledger.recipientOf(row.recipient_party)?.system === 'pull') return readyForPull(tenant, tx, ledger, deliveryId);
    return releaseDelivery(tenant, tx, ledger, deliveryId, ledger.keys.party);
  });
  if (reportId !== undefined) ledger.changed(reportId);
}

/** Renders the payload of a delivery that was opened while nobody could be encrypted to, from the body as it was pressed. */
async function renderLate(tenant: Tenant, tx: Tx, ledger: LedgerContext, row: DeliveryRow, recipient: TrustedParty): Promise<void> {
  const { delivery_id: deliveryId, report_id: reportId, view } = row;
  const report = await tx
    .selectFrom('reports')
    .selectAll()
    .where('facility', '=', tenant)
    .where('report_id', '=', reportId)
    .executeTakeFirstOrThrow();
  const dataKey = await dataKeyOf(tenant, tx, ledger, reportId, 'report');
  const pressed = await reopen(tenant, tx, ledger, { report, dataKey, view });
  const rendered = viewOf(pressed, view);
  invariant(rendered !== undefined, 'a delivery is opened only for a view that exists');
  const head: EnvelopeHead = {
    mode: report.mode,
    iss: ledger.keys.party,
    aud: recipient.party,
    deliveryId,
    reportId,
    number: report.number,
    sequence: report.sequence,
    kind: report.kind,
    createdAt: report.received_at.toISOString(),
  };
  const groups = sealRestrictedGroups(rendered.restricted, recipient, ledger.clock.now());
  const stored = sealPayload(ledger, dataKey, deliveryId, payloadBytes(head, pressed, view, groups));
  await tx.updateTable('deliveries').set(stored).where('facility', '=', tenant).where('delivery_id', '=', deliveryId).execute();
  await audit(
    tx,
    ledger,
    { actor: ledger.keys.party, action: 'delivery.rendered', subject: { deliveryId, reportId, party: recipient.party } },
    { detail: { payloadSha256: stored.payload_sha256 }, dataKey },
  );
}
