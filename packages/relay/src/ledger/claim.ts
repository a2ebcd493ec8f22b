import { sql } from 'kysely';
import type { EndpointLimits } from '../delivery/limits.js';
import { dateNow, type LedgerContext, type Tenant } from './context.js';

/** A won claim: the only right to act on a delivery. `fence` tells this attempt from every other one. */
export interface Claim {
  readonly deliveryId: string;
  readonly fence: number;
  /** To whom it goes; the attempt holds one of this endpoint's slots. */
  readonly party: string;
}

/** What is to be claimed: one delivery, or whatever is due next at an endpoint. */
export interface ClaimWish {
  readonly party: string;
  readonly deliveryId?: string;
}

type Claiming = Pick<LedgerContext, 'db' | 'clock' | 'limitsOf'>;

/**
 * Tries to win a delivery together with a slot of its endpoint, in one statement, and writes down that an attempt begins.
 *
 * The lease runs on the database's clock, which all workers share; what is due is judged by the injected clock. Of any
 * number of racing claims exactly one wins. The slots bound how many attempts an endpoint has under way in all processes
 * together, so that one that hangs cannot hold every worker, and how often one begins. While its breaker is open only a
 * probe passes. An attempt row without an outcome later tells that a process died while it may already have sent.
 */
export async function claimDelivery(
  tenant: Tenant,
  context: Claiming,
  { party, deliveryId }: ClaimWish,
  leaseMs: number,
): Promise<Claim | undefined> {
  const limits = context.limitsOf(party);
  const now = dateNow(context.clock);
  const nextProbe = new Date(context.clock.now() + limits.breakerPauseMs);
  const lease = leaseMs / 1000;
  const won = await sql<{ delivery_id: string; fence: number }>`
    with candidate as (
      select delivery_id from deliveries
      where facility = ${tenant} and recipient_party = ${party} ${deliveryId === undefined ? sql`` : sql`and delivery_id = ${deliveryId}`}
        and state in ('open', 'attested') and next_due_at <= ${now} and hold_reason is null and (lease_until is null or lease_until < now())
      order by priority desc, (rung > 0), next_due_at, delivery_id
      limit 1 for update skip locked
    ), probe as (
      -- A time further off than one pause was set by a clock that is wrong.
      update endpoint_gates set probe_at = ${nextProbe}
      where party = ${party} and (probe_at <= ${now} or probe_at > ${nextProbe}) and exists (select from candidate)
      returning party
    ), free as (
      select slot from endpoint_slots
      where party = ${party} and slot < ${limits.concurrency} and (lease_until is null or lease_until < now()) and free_at <= now()
        and exists (select from candidate)
        and (exists (select from endpoint_gates where party = ${party} and probe_at is null) or exists (select from probe))
      order by slot limit 1 for update skip locked
    ), won as (
      update deliveries set fence = fence + 1, lease_until = now() + make_interval(secs => ${lease})
      from candidate where deliveries.delivery_id = candidate.delivery_id and exists (select from free)
      returning facility, deliveries.delivery_id, fence
    ), taken as (
      update endpoint_slots slots set delivery_id = won.delivery_id, fence = won.fence,
        lease_until = now() + make_interval(secs => ${lease}), free_at = now() + make_interval(secs => ${limits.concurrency / limits.perSecond})
      from won, free where slots.party = ${party} and slots.slot = free.slot
    )
    insert into attempts (facility, delivery_id, fence, started_at)
    select facility, delivery_id, fence, ${now} from won
    returning delivery_id, fence`.execute(context.db);
  const row = won.rows[0];
  return row === undefined ? undefined : { deliveryId: row.delivery_id, fence: row.fence, party };
}

/**
 * Milliseconds until the next attempt at an endpoint may begin, if something is due there, nobody works on it, a slot is free
 * and the breaker is closed: what its rate asks for, or 0 if a claim only passed over a row that was locked for an instant.
 */
export async function turnWaitMs(tenant: Tenant, context: Claiming, party: string): Promise<number | undefined> {
  const { concurrency }: EndpointLimits = context.limitsOf(party);
  const { rows } = await sql<{ wait: number }>`
    select extract(epoch from greatest(min(free_at), now()) - now())::float8 * 1000 as wait from endpoint_slots
    where party = ${party} and slot < ${concurrency} and (lease_until is null or lease_until < now())
      and exists (select from endpoint_gates where party = ${party} and probe_at is null)
      and exists (
        select from deliveries where facility = ${tenant} and recipient_party = ${party} and state in ('open', 'attested') and hold_reason is null
          and next_due_at <= ${dateNow(context.clock)} and (lease_until is null or lease_until < now()))
    having count(*) > 0`.execute(context.db);
  const wait = rows[0]?.wait;
  return wait === undefined ? undefined : Math.ceil(wait);
}
