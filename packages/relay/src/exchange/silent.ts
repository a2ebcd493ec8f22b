import { type RawBuilder, sql } from 'kysely';
import { dateNow, type LedgerContext } from '../ledger/context.js';
import { callSomebody } from './exchange.js';

/** Days an agency looks back by itself: older ones it will not tell any more. */
const DAYS_BACK = 8;
const AGAIN_MS = 3_600_000;

/**
 * Reminds, once for each silence, of agencies that have told their days and do so no more although they sign for reports: what they have
 * and this ledger has not would never come to light. Whoever has never told a day has no system that does.
 */
export function silenceSweeper(context: LedgerContext): () => Promise<void> {
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const nowMs = context.clock.now();
    // The clock may also have been put back.
    if (Math.abs(nowMs - lookedAtMs) < AGAIN_MS) return;
    for (const { party, day } of await silentAgencies(context)) {
      await context.db.transaction().execute((tx) => callSomebody(tx, context, { party, day, rung: 'exchange-silent' }));
    }
    lookedAtMs = nowMs;
  };
}

/** Each with the last day it told. */
async function silentAgencies({ db, clock }: Pick<LedgerContext, 'db' | 'clock'>): Promise<{ party: string; day: string }[]> {
  const today = sql`(${dateNow(clock)}::timestamptz at time zone 'Asia/Shanghai')::date`;
  const startOf = (day: RawBuilder<unknown>) => sql`((${day})::timestamp at time zone 'Asia/Shanghai')`;
  const { rows } = await sql<{ party: string; day: string }>`
    with told as (select party, max(day) as last from exchanges group by party)
    select party, to_char(last, 'YYYY-MM-DD') as day from told
    where exists (select from receipts where kind = 'receipt' and issuer = party
      and received_at >= ${startOf(sql`greatest(last + 1, ${today} - ${DAYS_BACK}::integer)`)}
      -- A day is told in the morning after it: what is of yesterday may still come.
      and received_at < ${startOf(sql`${today} - 1`)})
    order by party`.execute(db);
  return rows;
}
