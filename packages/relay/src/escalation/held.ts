import { sql } from 'kysely';
import { resolveRoute } from '../delivery/route.js';
import { dateNow, type LedgerContext, type Tenant } from '../ledger/context.js';
import { raiseAlarm } from '../ledger/escalations.js';
import type { DeliveryState } from '../schema.js';
import { WHOLE_FACILITY } from './hidden.js';

/** The longest held delivery of one recipient and one reason: it stands for all of them. */
interface Held {
  readonly delivery_id: string;
  readonly report_id: string;
  readonly recipient_party: string;
  readonly hold_reason: string;
  readonly held_since: Date;
  readonly state: DeliveryState;
  readonly number: string;
  readonly created_at: Date;
}

/**
 * Calls somebody where deliveries are held because their recipient cannot be reached: a disabled, broken or unknown endpoint
 * holds reports and drops none (INV-7). Once for each recipient and reason while the longest held of them waits, because a
 * backlog that pages for every report is not listened to. A case that is hidden from this hospital has an alarm of its own, and so has an
 * exercise: one that says 【演练】 stands for no real report (INV-16).
 */
export async function raiseHolds(tenant: Tenant, context: LedgerContext): Promise<number> {
  // A literal, because two parameters are two expressions to the database.
  const isHidden = sql`${sql.lit(WHOLE_FACILITY)} = any(hidden_from)`;
  const { rows } = await sql<Held>`
    select distinct on (recipient_party, hold_reason, ${isHidden}, mode)
      delivery_id, deliveries.report_id, recipient_party, hold_reason, held_since, state, number, created_at
    from deliveries join reports using (report_id)
    where deliveries.facility = ${tenant} and state in ('open', 'attested') and hold_reason in ('no-route', 'endpoint-disabled')
    order by recipient_party, hold_reason, ${isHidden}, mode, held_since, delivery_id`.execute(context.db);
  let raised = 0;
  for (const row of rows) {
    if (await raiseHold(tenant, context, row)) raised += 1;
  }
  return raised;
}

async function raiseHold(tenant: Tenant, context: LedgerContext, row: Held): Promise<boolean> {
  const subject = `${row.delivery_id}/held/${row.held_since.toISOString()}`;
  const known = await context.db
    .selectFrom('escalations')
    .select('escalation_id')
    .where('facility', '=', tenant)
    .where('subject', '=', subject)
    .executeTakeFirst();
  if (known !== undefined) return false;
  // What was opened a moment ago begins held and goes with the next sweep: nobody need be called for that.
  const { kind } = await resolveRoute(tenant, context.db, context.keys, row.recipient_party, context.clock.now());
  if (kind === 'open') return false;
  return context.db.transaction().execute((tx) =>
    raiseAlarm(tenant, tx, context, {
      subject,
      rung: 'held',
      deliveryId: row.delivery_id,
      reportId: row.report_id,
      dueAt: dateNow(context.clock),
      state: row.state,
      about: { party: row.recipient_party, number: row.number, pressedAt: row.created_at.toISOString(), why: row.hold_reason },
      tell: true,
    }),
  );
}
