import { sql } from 'kysely';
import type { HoldReason } from '../schema.js';
import { dateNow, type LedgerContext, type Tenant, type Tx } from './context.js';
import { appendEvent } from './events.js';

/** A recipient for whom reports of this facility are held. */
export interface HeldRecipient {
  readonly party: string;
  readonly reason: HoldReason;
}

/**
 * Holds an open delivery: nothing is sent, nothing is dropped, and it stays in every count of what is owed.
 *
 * @returns whether this call began the hold.
 */
export async function holdDelivery(
  tenant: Tenant,
  context: LedgerContext,
  deliveryId: string,
  reason: HoldReason,
  by: string,
): Promise<boolean> {
  const reportId = await context.db.transaction().execute(async (tx) => {
    const held = await sql<{ report_id: string }>`
      update deliveries set hold_reason = ${reason}, held_by = ${by}, held_since = ${dateNow(context.clock)}
      where facility = ${tenant} and delivery_id = ${deliveryId} and state in ('open', 'attested') and hold_reason is null
      returning report_id`.execute(tx);
    const found = held.rows[0]?.report_id;
    if (found === undefined) return undefined;
    const entry = { actor: by, action: 'delivery.held', subject: { deliveryId, reportId: found, reason } };
    await appendEvent(tenant, tx, context, found, [{ entry }]);
    return found;
  });
  if (reportId !== undefined) context.changed(reportId);
  return reportId !== undefined;
}

/** Ends a hold inside the caller's transaction; the delivery is due at once. */
export async function releaseDelivery(
  tenant: Tenant,
  tx: Tx,
  context: LedgerContext,
  deliveryId: string,
  by: string,
): Promise<string | undefined> {
  const released = await sql<{ report_id: string }>`
    update deliveries set hold_reason = null, held_by = null, held_since = null, next_due_at = ${dateNow(context.clock)}
    where facility = ${tenant} and delivery_id = ${deliveryId} and hold_reason is not null
    returning report_id`.execute(tx);
  const reportId = released.rows[0]?.report_id;
  if (reportId === undefined) return undefined;
  const entry = { actor: by, action: 'delivery.released', subject: { deliveryId, reportId } };
  await appendEvent(tenant, tx, context, reportId, [{ entry }]);
  return reportId;
}

/** Who cannot be reached, so that deliveries are held for them: each recipient and reason once. Only what is open is read for it. */
export async function unreachableRecipients(tenant: Tenant, context: Pick<LedgerContext, 'db'>): Promise<HeldRecipient[]> {
  const { rows } = await sql<HeldRecipient>`
    select distinct recipient_party as party, hold_reason as reason from deliveries
    where facility = ${tenant} and state in ('open', 'attested') and hold_reason in ('no-route', 'endpoint-disabled')`.execute(context.db);
  return rows;
}

/** Which held deliveries are asked for; `after` is the last id of the page before. */
export interface HeldPage extends HeldRecipient {
  readonly after: string;
  readonly limit: number;
}

/** The deliveries held for one recipient and one reason, oldest first. */
export async function heldDeliveries(tenant: Tenant, context: Pick<LedgerContext, 'db'>, page: HeldPage): Promise<string[]> {
  const rows = await context.db
    .selectFrom('deliveries')
    .select('delivery_id')
    .where('facility', '=', tenant)
    .where('recipient_party', '=', page.party)
    .where('state', 'in', ['open', 'attested'])
    .where('hold_reason', '=', page.reason)
    .where('delivery_id', '>', page.after)
    .orderBy('delivery_id')
    .limit(page.limit)
    .execute();
  return rows.map((row) => row.delivery_id);
}
