import { sql } from 'kysely';
import type { Priority } from '../schema.js';
import { dateNow, type LedgerContext, type Tenant } from './context.js';

/** A delivery that may be claimed now. `fence` names the job that wakes it. */
export interface DueDelivery {
  readonly deliveryId: string;
  readonly fence: number;
  readonly priority: Priority;
  /** True if an attempt was made before. */
  readonly retry: boolean;
  readonly dueSinceMs: number;
}

/**
 * What is due and unclaimed: urgent first, fresh before retries, then the longest due. Rows another process is working on
 * at this instant are passed over; they come with the next sweep.
 */
export async function dueDeliveries(tenant: Tenant, context: Pick<LedgerContext, 'db' | 'clock'>, limit: number): Promise<DueDelivery[]> {
  const now = dateNow(context.clock);
  const due = await sql<{ delivery_id: string; fence: number; priority: Priority; rung: number; next_due_at: Date }>`
    select delivery_id, fence, priority, rung, next_due_at from deliveries
    where facility = ${tenant} and state = 'open' and hold_reason is null and next_due_at <= ${now}
      and (lease_until is null or lease_until < now())
    order by priority desc, (rung > 0), next_due_at, delivery_id
    limit ${limit} for update skip locked`.execute(context.db);
  return due.rows.map((row) => ({
    deliveryId: row.delivery_id,
    fence: row.fence,
    priority: row.priority,
    retry: row.rung > 0,
    dueSinceMs: now.getTime() - row.next_due_at.getTime(),
  }));
}

/** Which of these facilities a delivery belongs to; a job carries nothing but the id. */
export async function facilityOfDelivery(
  tenants: readonly Tenant[],
  context: Pick<LedgerContext, 'db'>,
  deliveryId: string,
): Promise<Tenant | undefined> {
  const row = await context.db
    .selectFrom('deliveries')
    .select('facility')
    .where('facility', 'in', tenants)
    .where('delivery_id', '=', deliveryId)
    .executeTakeFirst();
  return row?.facility;
}

/** Which of these facilities a report belongs to; an agency's feedback names the report alone. */
export async function facilityOfReport(
  tenants: readonly Tenant[],
  context: Pick<LedgerContext, 'db'>,
  reportId: string,
): Promise<Tenant | undefined> {
  const row = await context.db
    .selectFrom('reports')
    .select('facility')
    .where('facility', 'in', tenants)
    .where('report_id', '=', reportId)
    .executeTakeFirst();
  return row?.facility;
}
