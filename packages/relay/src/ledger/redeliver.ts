import { ZhidaError } from '@zhida/core';
import { sql } from 'kysely';
import { visibleTo } from '../escalation/hidden.js';
import type { Priority } from '../schema.js';
import { dateNow, type LedgerContext, type Tenant, type Tx } from './context.js';
import { dataKeyOf } from './data-keys.js';
import { appendEvent } from './events.js';
import { AWAITS_RECEIPT } from './status.js';

/** Who asks for it and why; the reason is a person's words and is sealed with the report's key. */
export interface RedeliverRequest {
  readonly deliveryId: string;
  readonly by: string;
  readonly reason: string;
}

/**
 * Makes an open delivery due now. Its rung, its id and its bytes stay what they are: the next attempt only comes sooner.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` if this operator sees no such delivery; `ZD_ERR_CONFLICT` naming what stands against it:
 * it is proved already, held, or an attempt is under way.
 */
export async function redeliver(tenant: Tenant, context: LedgerContext, request: RedeliverRequest): Promise<{ priority: Priority }> {
  const { deliveryId, by, reason } = request;
  const { priority, reportId } = await context.db.transaction().execute(async (tx) => {
    const moved = await sql<{ report_id: string; priority: Priority }>`
      update deliveries set next_due_at = ${dateNow(context.clock)} from reports
      where reports.report_id = deliveries.report_id and ${visibleTo(by)}
        and deliveries.facility = ${tenant} and delivery_id = ${deliveryId} and state in ('open', 'attested') and hold_reason is null
        and (lease_until is null or lease_until < now())
      returning deliveries.report_id, deliveries.priority`.execute(tx);
    const row = moved.rows[0];
    if (row === undefined) throw await obstacle(tenant, tx, request);
    const dataKey = await dataKeyOf(tenant, tx, context, row.report_id, 'report');
    const entry = { actor: by, action: 'delivery.redelivered', subject: { deliveryId, reportId: row.report_id } };
    await appendEvent(tenant, tx, context, row.report_id, [{ entry, sealed: { detail: { reason }, dataKey } }]);
    return { priority: row.priority, reportId: row.report_id };
  });
  context.changed(reportId);
  return { priority };
}

async function obstacle(tenant: Tenant, tx: Tx, { deliveryId, by }: RedeliverRequest): Promise<ZhidaError> {
  const row = await tx
    .selectFrom('deliveries')
    .innerJoin('reports', 'reports.report_id', 'deliveries.report_id')
    .select(['state', 'hold_reason'])
    .where('deliveries.facility', '=', tenant)
    .where('delivery_id', '=', deliveryId)
    .where(visibleTo(by))
    .executeTakeFirst();
  if (row === undefined) return new ZhidaError('ZD_ERR_NOT_FOUND', 'no such delivery', { at: 'id' });
  if (!AWAITS_RECEIPT.has(row.state)) return new ZhidaError('ZD_ERR_CONFLICT', 'the agency has it already', { at: 'state' });
  if (row.hold_reason !== null) return new ZhidaError('ZD_ERR_CONFLICT', 'it is held; end the reason of the hold', { at: 'holdReason' });
  return new ZhidaError('ZD_ERR_CONFLICT', 'an attempt is under way', { at: 'lease' });
}
