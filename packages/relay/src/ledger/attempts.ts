import { invariant } from '@zhida/core';
import { type RawBuilder, sql } from 'kysely';
import { clearDeadLetter, faultOf, recordDeadLetter } from '../dead-letters/dead-letters.js';
import type { AttemptOutcome } from '../schema.js';
import { audit } from './audit.js';
import type { Claim } from './claim.js';
import { dateNow, type LedgerContext, type Tenant, type Tx } from './context.js';
import { appendEvent } from './events.js';
import { type BreakerChange, type EndpointSign, recordSign } from './gates.js';

/** How an attempt ended. `detail` is one of a few fixed words, never a text of the agency. */
export interface AttemptEnd {
  readonly outcome: AttemptOutcome;
  readonly status: number | null;
  readonly detail: string;
}

/** Fixed on the way out of an attempt that brought no receipt. */
export interface UnprovenAttempt extends AttemptEnd {
  readonly outcome: 'refused' | 'unknown';
  readonly waitMs: number;
  /** What it says of the endpoint. */
  readonly sign: Exclude<EndpointSign, 'works'>;
}

/**
 * Writes down an attempt without a receipt and when the next one is due.
 *
 * The schedule is fenced: an attempt whose lease has run out, or whose delivery another worker has claimed since, leaves
 * `next_due_at` as it is. That it happened is recorded in any case.
 *
 * @returns whether the schedule was moved, and what became of the endpoint's breaker.
 */
export async function recordUnprovenAttempt(
  tenant: Tenant,
  context: LedgerContext,
  claim: Claim,
  end: UnprovenAttempt,
): Promise<{ moved: boolean; breaker: BreakerChange }> {
  const result = await context.db.transaction().execute(async (tx) => {
    const nextDueAt = new Date(context.clock.now() + end.waitMs);
    const moved = await sql<{ report_id: string }>`
      update deliveries
      set next_due_at = ${nextDueAt}, rung = rung + 1, last_outcome = ${end.outcome}, lease_until = null
      where facility = ${tenant} and delivery_id = ${claim.deliveryId} and fence = ${claim.fence} and lease_until >= now()
      returning report_id`.execute(tx);
    const leaseLost = moved.rows.length === 0;
    const reportId = moved.rows[0]?.report_id ?? (await reportOf(tenant, tx, claim.deliveryId));
    await endAttempt(tenant, tx, context, claim, { ...end, leaseLost: sql`${leaseLost}` });
    await audit(tx, context, {
      actor: context.keys.party,
      action: 'delivery.attempted',
      subject: {
        deliveryId: claim.deliveryId,
        reportId,
        fence: String(claim.fence),
        outcome: end.outcome,
        detail: end.detail,
        leaseLost: String(leaseLost),
      },
    });
    const fault = faultOf(end.detail);
    if (fault === undefined) await clearDeadLetter(tenant, tx, context, claim.deliveryId);
    else await recordDeadLetter(tenant, tx, context, { deliveryId: claim.deliveryId, fault });
    if (!leaseLost) await appendEvent(tenant, tx, context.clock, reportId);
    return { leaseLost, reportId, breaker: await recordSign(tx, context, claim.party, end.sign) };
  });
  if (!result.leaseLost) context.changed(result.reportId);
  return { moved: !result.leaseLost, breaker: result.breaker };
}

/**
 * Ends an attempt that a receipt answered. One whose lease was lost by then leaves its delivery to the worker that has it.
 *
 * @returns whether its endpoint has failed since it last worked, so that it is to be written down that it works.
 */
export async function endReceiptedAttempt(
  tenant: Tenant,
  tx: Tx,
  context: Pick<LedgerContext, 'clock'>,
  claim: Claim,
): Promise<{ hadFailed: boolean }> {
  const { deliveryId, fence } = claim;
  const held = sql`
    held as (
      update deliveries set last_outcome = 'receipted', lease_until = null
      where facility = ${tenant} and delivery_id = ${deliveryId} and fence = ${fence} and lease_until >= now()
      returning 1
    ), `;
  const leaseLost = sql<boolean>`not exists (select from held)`;
  return endAttempt(tenant, tx, context, claim, { outcome: 'receipted', status: 200, detail: 'receipt', leaseLost, before: held });
}

/** Fills in the end of an attempt's row and gives back its slot; that of one whose process died is free again with its lease. */
async function endAttempt(
  tenant: Tenant,
  tx: Tx,
  { clock }: Pick<LedgerContext, 'clock'>,
  { party, deliveryId, fence }: Claim,
  {
    outcome,
    status,
    detail,
    leaseLost,
    before = sql``,
  }: AttemptEnd & { readonly leaseLost: RawBuilder<boolean>; readonly before?: RawBuilder<unknown> },
): Promise<{ hadFailed: boolean }> {
  const { rows } = await sql<{ failed: boolean | null }>`
    with ${before}freed as (
      update endpoint_slots set lease_until = null where party = ${party} and delivery_id = ${deliveryId} and fence = ${fence})
    update attempts set finished_at = ${dateNow(clock)}, outcome = ${outcome}, status = ${status}, detail = ${detail}, lease_lost = ${leaseLost}
    where facility = ${tenant} and delivery_id = ${deliveryId} and fence = ${fence}
    returning (select failures > 0 from endpoint_gates where party = ${party}) as failed`.execute(tx);
  return { hadFailed: rows[0]?.failed !== false };
}

async function reportOf(tenant: Tenant, tx: Tx, deliveryId: string): Promise<string> {
  const row = await tx
    .selectFrom('deliveries')
    .select('report_id')
    .where('facility', '=', tenant)
    .where('delivery_id', '=', deliveryId)
    .executeTakeFirst();
  invariant(row !== undefined, 'a claimed delivery exists');
  return row.report_id;
}
