import { invariant } from '@zhida/core';
import { type RawBuilder, sql } from 'kysely';
import { auditCleared, faultOf, letterCleared, recordDeadLetter } from '../dead-letters/dead-letters.js';
import type { AttemptOutcome } from '../schema.js';
import { audit } from './audit.js';
import { type Claim, looksAgain } from './claim.js';
import { dateNow, type LedgerContext, type Tenant, type Tx } from './context.js';
import { type MaybeRaised, RAISED_COLUMNS, raisedFrom, versionRaised, writeEvent } from './events.js';
import { type BreakerChange, type EndpointSign, recordSign } from './gates.js';
import type { StatusReportRow } from './status.js';

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
  readonly sign: EndpointSign;
}

/**
 * Writes down an attempt without a receipt and when the next one is due.
 *
 * The schedule is fenced: an attempt whose lease has run out, or whose delivery another worker has claimed since, leaves
 * `next_due_at` as it is. That it happened is recorded in any case.
 *
 * @returns whether the schedule was moved, whether the worker is to look what is due next, and what became of the endpoint's breaker.
 */
export async function recordUnprovenAttempt(
  tenant: Tenant,
  context: LedgerContext,
  claim: Claim,
  end: UnprovenAttempt,
): Promise<{ moved: boolean; again: boolean; breaker: BreakerChange }> {
  const result = await context.db.transaction().execute(async (tx) => {
    const fault = faultOf(end.detail);
    const { raised, times, again } = await moveSchedule(tenant, tx, context, claim, { ...end, clears: fault === undefined });
    const leaseLost = raised === undefined;
    const reportId = raised?.report_id ?? (await reportOf(tenant, tx, claim.deliveryId));
    const entry = {
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
    };
    if (raised === undefined) await audit(tx, context, entry);
    else await writeEvent(tenant, tx, context, raised, [{ entry }]);
    await auditCleared(tx, context, claim.deliveryId, times);
    if (fault !== undefined) await recordDeadLetter(tenant, tx, context, { deliveryId: claim.deliveryId, fault });
    return { leaseLost, reportId, again, breaker: await recordSign(tx, context, claim.party, end.sign) };
  });
  if (!result.leaseLost) context.changed(result.reportId);
  return { moved: !result.leaseLost, again: result.again, breaker: result.breaker };
}

/** @param end.clears whether the delivery has left this relay, which ends its dead letter. @returns no report where the lease was lost. */
async function moveSchedule(
  tenant: Tenant,
  tx: Tx,
  context: LedgerContext,
  claim: Claim,
  end: UnprovenAttempt & { readonly clears: boolean },
): Promise<{ raised: StatusReportRow | undefined; times: number | null; again: boolean }> {
  const nextDueAt = new Date(context.clock.now() + end.waitMs);
  const letter = end.clears ? letterCleared(tenant, context, claim.deliveryId) : sql`select null::integer as times`;
  const { rows } = await sql<MaybeRaised & { times: number | null; again: boolean }>`
    with moved as (
      update deliveries
      set next_due_at = ${nextDueAt}, rung = rung + 1, last_outcome = ${end.outcome}, lease_until = null
      where facility = ${tenant} and delivery_id = ${claim.deliveryId} and fence = ${claim.fence} and lease_until >= now()
      returning report_id
    ), raised as (${versionRaised(tenant, sql`(select report_id from moved)`)}), letter as (${letter}), ${attemptEnded(tenant, context, claim, end, sql`not exists (select from moved)`)}
    select ${RAISED_COLUMNS}, (select times from letter) as times, ${looksAgain(tenant, context, claim)} as again
    from (select) as one left join raised on true`.execute(tx);
  const [row] = rows;
  invariant(row !== undefined, 'an attempt is ended, whether or not its schedule was moved');
  return { raised: raisedFrom(row), times: row.times, again: row.again };
}

/**
 * Fills in the end of an attempt's row and gives back its slot, beside the statement that moves its delivery; the slot of one whose
 * process died is free again with its lease.
 */
export function attemptEnded(
  tenant: Tenant,
  { clock }: Pick<LedgerContext, 'clock'>,
  { party, deliveryId, fence }: Claim,
  { outcome, status, detail }: AttemptEnd,
  leaseLost: RawBuilder<boolean>,
): RawBuilder<unknown> {
  return sql`
    freed as (
      update endpoint_slots set lease_until = null where party = ${party} and delivery_id = ${deliveryId} and fence = ${fence}
    ), ended as (
      update attempts set finished_at = ${dateNow(clock)}, outcome = ${outcome}, status = ${status}, detail = ${detail}, lease_lost = ${leaseLost}
      where facility = ${tenant} and delivery_id = ${deliveryId} and fence = ${fence})`;
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
