import { dateNow, type LedgerContext, type Tenant } from '../ledger/context.js';
import { raiseAlarm } from '../ledger/escalations.js';

/** Deliveries looked at in one sweep. */
const BATCH = 200;

/**
 * Calls somebody for every delivery that is held because its recipient cannot be reached: a disabled, broken or unknown
 * endpoint holds reports and drops none (INV-7). Once for each hold; a recipient without a system is no fault.
 */
export async function raiseHolds(tenant: Tenant, context: LedgerContext): Promise<number> {
  const rows = await context.db
    .selectFrom('deliveries')
    .innerJoin('reports', 'reports.report_id', 'deliveries.report_id')
    .select(['delivery_id', 'deliveries.report_id', 'recipient_party', 'hold_reason', 'held_since', 'state', 'number', 'created_at'])
    .where('deliveries.facility', '=', tenant)
    .where('state', 'in', ['open', 'attested'])
    .where('hold_reason', 'in', ['no-route', 'endpoint-disabled'])
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('escalations')
            .select('escalation_id')
            .whereRef('escalations.delivery_id', '=', 'deliveries.delivery_id')
            .where('rung', '=', 'held')
            .whereRef('escalations.due_at', '=', 'deliveries.held_since'),
        ),
      ),
    )
    .orderBy('held_since')
    .limit(BATCH)
    .execute();
  let raised = 0;
  for (const row of rows) {
    const heldSince = row.held_since ?? dateNow(context.clock);
    const isNew = await context.db.transaction().execute((tx) =>
      raiseAlarm(tenant, tx, context, {
        subject: `${row.delivery_id}/held/${heldSince.toISOString()}`,
        rung: 'held',
        deliveryId: row.delivery_id,
        reportId: row.report_id,
        dueAt: heldSince,
        state: row.state,
        about: { party: row.recipient_party, number: row.number, pressedAt: row.created_at.toISOString(), why: row.hold_reason ?? '' },
        tell: true,
      }),
    );
    if (isNew) raised += 1;
  }
  return raised;
}
