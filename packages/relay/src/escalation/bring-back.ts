import { CLOCK_SKEW_MS, dateNow, type LedgerContext, type Tenant } from '../ledger/context.js';
import { ladderSubjectOf } from './raise.js';

/** Ladders looked at once; the next look goes on. */
const BATCH = 200;

/**
 * Brings rungs forward that were put off by a clock that ran ahead: a report that was pressed tomorrow would call nobody before
 * tomorrow. Its clocks begin now.
 *
 * @returns how many there were.
 */
export async function bringRungsBack(tenant: Tenant, { db, clock, escalation }: LedgerContext): Promise<number> {
  const now = dateNow(clock);
  const rows = await db
    .selectFrom('deliveries')
    .innerJoin('reports', 'reports.report_id', 'deliveries.report_id')
    .select(['delivery_id', 'recipient_party', 'recipient_kind', 'view', 'kind', 'deliveries.priority', 'created_at', 'next_rung'])
    .where('deliveries.facility', '=', tenant)
    .where('state', 'in', ['open', 'attested', 'stored', 'accepted'])
    .where('created_at', '>', new Date(now.getTime() + CLOCK_SKEW_MS))
    .whereRef('rung_due_at', '>=', 'created_at')
    .limit(BATCH)
    .execute();
  let moved = 0;
  for (const row of rows) {
    if (row.next_rung === null) continue;
    const dueAt = escalation.ladder.dueAt(row.next_rung, { ...ladderSubjectOf(row), createdAt: now });
    const { numUpdatedRows } = await db
      .updateTable('deliveries')
      .set({ rung_due_at: dueAt })
      .where('facility', '=', tenant)
      .where('delivery_id', '=', row.delivery_id)
      .where('next_rung', '=', row.next_rung)
      .where('rung_due_at', '>', dueAt)
      .executeTakeFirstOrThrow();
    moved += Number(numUpdatedRows);
  }
  return moved;
}
