import { sql } from 'kysely';
import type { Tenant, Tx } from '../ledger/context.js';
import { NO_EXERCISE } from '../ledger/exercises.js';
import { STORED_IN_TIME, STORED_IN_TIME_MINUTES } from '../migrations/trust.js';
import type { DeliveryState } from '../schema.js';

/** A delivery whose rung is due, locked. */
export interface RungRow {
  readonly delivery_id: string;
  readonly report_id: string;
  readonly recipient_party: string;
  readonly recipient_kind: string;
  readonly state: DeliveryState;
  readonly attested_at: Date | null;
  readonly created_at: Date;
  readonly kind: string;
  readonly chain_id: string;
  /** Word of how the case goes on is owed, not only its acceptance. */
  readonly owesFeedback: boolean;
  /** It has a system of its own, so that its own word may be had; for one without, an attestation is all there can be. */
  readonly signs: boolean;
}

/** An endpoint is trusted once it has shown this many days of 已签收 within {@link STORED_IN_TIME_MINUTES}. */
const TRUSTED_DAYS = 30;

/** Outcomes after which nothing more is to be expected of a case. */
export const FINAL_OUTCOMES = ['not-filed', 'no-penalty', 'transferred', 'terminated', 'referred', 'not-our-duty', 'closed'];

/** Whether what a rung waits for has still not come, read under the delivery's lock in the transaction that records the rung. */
export async function isOwed(tenant: Tenant, tx: Tx, rung: string, row: RungRow, now: Date): Promise<boolean> {
  if (rung === 'phone')
    return row.state === 'open' && !(await isCalled(tenant, tx, row)) && !(await isTrusted(tx, row.recipient_party, now));
  if (rung === 'no-stored') return row.state === 'open';
  if (rung === 'no-accepted') return isUnanswered(tx, row);
  if (rung === 'no-feedback') return !(await hasFeedback(tenant, tx, row, null));
  if (row.owesFeedback) return !(await hasFeedback(tenant, tx, row, FINAL_OUTCOMES));
  // Whoever took an error notice by hand may still be using what it speaks of.
  return row.kind === 'error-notice' && row.signs ? !(await isAnswered(tx, row)) : isUnanswered(tx, row);
}

/** A call that this recipient answered quietens its telephone rung, and no other: it proves nothing. */
async function isCalled(tenant: Tenant, tx: Tx, row: RungRow): Promise<boolean> {
  const call = await tx
    .selectFrom('calls')
    .select('call_id')
    .where('facility', '=', tenant)
    .where('report_id', '=', row.report_id)
    .where(sql<boolean>`${row.recipient_party} = any(called)`)
    .limit(1)
    .executeTakeFirst();
  return call !== undefined;
}

/** An attestation stops the clock, as the recipient's own answer does (INV-5). */
async function isUnanswered(tx: Tx, row: RungRow): Promise<boolean> {
  return row.attested_at === null && !(await isAnswered(tx, row));
}

/** Only 已受理, or for an error notice 已停止使用, answers a report. */
async function isAnswered(tx: Tx, row: RungRow): Promise<boolean> {
  if (row.kind !== 'error-notice') return row.state === 'accepted';
  const stopped = await tx
    .selectFrom('receipts')
    .select('row_id')
    .where('delivery_id', '=', row.delivery_id)
    .where('kind', '=', 'receipt')
    .where('stage', '=', 'stopped-using')
    .executeTakeFirst();
  return stopped !== undefined;
}

async function hasFeedback(tenant: Tenant, tx: Tx, row: RungRow, codes: readonly string[] | null): Promise<boolean> {
  const found = await tx
    .selectFrom('feedback')
    .innerJoin('reports', 'reports.report_id', 'feedback.report_id')
    .select('feedback_id')
    .where('feedback.facility', '=', tenant)
    .where('chain_id', '=', row.chain_id)
    .where('issuer', '=', row.recipient_party)
    .$if(codes !== null, (query) => query.where('code', 'in', codes ?? []))
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/**
 * True once an endpoint has shown 30 days of `stored` within 10 minutes; until then the telephone comes first. What was asked
 * of an agency by all facilities counts. One late receipt begins the 30 days anew; an exercise shows nothing.
 */
async function isTrusted(tx: Tx, party: string, now: Date): Promise<boolean> {
  const since = new Date(now.getTime() - TRUSTED_DAYS * 86_400_000);
  const unanswered = new Date(now.getTime() - STORED_IN_TIME_MINUTES * 60_000);
  // Each is one step into `deliveries_trust`, however long the history: in time, late, or without 已签收 yet.
  const { rows } = await sql<{ trusted: boolean }>`
    select exists (select from deliveries where recipient_party = ${party} and ${NO_EXERCISE} and ${IN_TIME} and created_at <= ${since})
      and exists (select from deliveries where recipient_party = ${party} and ${NO_EXERCISE} and ${IN_TIME} and created_at > ${since})
      and not exists (select from deliveries where recipient_party = ${party} and ${NO_EXERCISE} and not ${IN_TIME} and created_at > ${since})
      and not exists (
        select from deliveries where recipient_party = ${party} and ${NO_EXERCISE} and ${IN_TIME} is null
          and hold_reason is distinct from 'conflict' and created_at > ${since} and created_at < ${unanswered}) as trusted`.execute(tx);
  return rows[0]?.trusted === true;
}

/** Null without 已签收. As the index says it, word for word, or it would not be used. */
const IN_TIME = sql.raw(STORED_IN_TIME);
