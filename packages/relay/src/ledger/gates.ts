import { sql } from 'kysely';
import type { EndpointLimits } from '../delivery/limits.js';
import { audit } from './audit.js';
import { dateNow, type LedgerContext, type Tx } from './context.js';

/** Makes the gate of an endpoint and its slots. An agency is one endpoint however many facilities send to it, so gates have no tenant. */
export async function ensureGate({ db, limitsOf }: Pick<LedgerContext, 'db' | 'limitsOf'>, party: string): Promise<void> {
  await sql`insert into endpoint_gates (party) values (${party}) on conflict do nothing`.execute(db);
  await sql`insert into endpoint_slots (party, slot) select ${party}, generate_series(0, ${limitsOf(party).concurrency - 1})
    on conflict do nothing`.execute(db);
}

/** What an attempt says of its endpoint; `none` if it speaks of the report alone. */
export type EndpointSign = 'works' | 'fails' | 'none';

/** What a sign changed: whether the breaker has just opened or closed. */
export type BreakerChange = 'opened' | 'closed' | 'none';

/**
 * Counts what an attempt says of its endpoint. After enough failures in a row the breaker opens: deliveries wait, due and
 * visible, and one at a time goes out as a probe. It drops nothing and stops no clock.
 *
 * The gate's row is the last that a transaction locks, so that two attempts never wait for each other in a circle.
 */
export async function recordSign(tx: Tx, context: LedgerContext, party: string, sign: EndpointSign): Promise<BreakerChange> {
  if (sign === 'none') return 'none';
  const change = sign === 'works' ? await closeBreaker(tx, party) : await countFailure(tx, context, party, context.limitsOf(party));
  if (change !== 'none') {
    await audit(tx, context, { actor: context.keys.party, action: `endpoint.breaker-${change}`, subject: { party } });
  }
  return change;
}

async function closeBreaker(tx: Tx, party: string): Promise<BreakerChange> {
  const { rows } = await sql<{ was_open: boolean }>`
    with before as (select failures, opened_at from endpoint_gates where party = ${party} and failures > 0 for update)
    update endpoint_gates gate set failures = 0, probe_at = null, opened_at = null from before
    where gate.party = ${party} returning before.opened_at is not null as was_open`.execute(tx);
  return rows[0]?.was_open === true ? 'closed' : 'none';
}

async function countFailure(tx: Tx, context: LedgerContext, party: string, limits: EndpointLimits): Promise<BreakerChange> {
  const now = dateNow(context.clock);
  const probeAt = new Date(context.clock.now() + limits.breakerPauseMs);
  const { rows } = await sql<{ opened: boolean }>`
    with before as (select failures, opened_at from endpoint_gates where party = ${party} for update)
    update endpoint_gates gate set
      failures = gate.failures + 1,
      probe_at = case when gate.failures + 1 >= ${limits.breakerAfter} then ${probeAt}::timestamptz end,
      opened_at = case when gate.failures + 1 >= ${limits.breakerAfter} then coalesce(gate.opened_at, ${now}::timestamptz) end
    from before where gate.party = ${party}
    returning before.opened_at is null and gate.opened_at is not null as opened`.execute(tx);
  return rows[0]?.opened === true ? 'opened' : 'none';
}

/**
 * Makes due what had been put off while an endpoint was away, up to an hour for the oldest of it: the agency works again
 * now. Rows somebody is working on are passed over; they have their own end.
 *
 * @returns how many deliveries were pulled forward.
 */
export async function pullForward(context: Pick<LedgerContext, 'db' | 'clock'>, party: string): Promise<number> {
  const now = dateNow(context.clock);
  const { rows } = await sql`
    update deliveries set next_due_at = ${now} where delivery_id in (
      select delivery_id from deliveries
      where recipient_party = ${party} and state in ('open', 'attested') and hold_reason is null and rung > 0 and next_due_at > ${now}
        and (lease_until is null or lease_until < now())
      for update skip locked)
    returning 1`.execute(context.db);
  return rows.length;
}
