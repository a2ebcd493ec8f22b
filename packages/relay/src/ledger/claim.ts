import { invariant } from '@zhida/core';
import { type RawBuilder, sql } from 'kysely';
import type { EndpointLimits } from '../delivery/limits.js';
import type { DeliveryRow } from '../schema.js';
import { dateNow, type LedgerContext, type Tenant } from './context.js';

/** A won claim: the only right to act on a delivery. `fence` tells this attempt from every other one. */
export interface Claim {
  readonly deliveryId: string;
  readonly fence: number;
  /** To whom it goes; the attempt holds one of this endpoint's slots. */
  readonly party: string;
}

/** A claim with what an attempt needs of the ledger; the payload and its key are `null` where there are none. */
export interface WonClaim extends Claim {
  readonly reportId: string;
  readonly rung: number;
  readonly payloadSealed: Buffer | null;
  readonly wrappedKey: Buffer | null;
}

/** What is to be claimed: one delivery, or whatever is due next at an endpoint. */
export interface ClaimWish {
  readonly party: string;
  readonly deliveryId?: string;
}

type Claiming = Pick<LedgerContext, 'db' | 'clock' | 'limitsOf'>;

/**
 * Tries to win a delivery together with a slot of its endpoint, in one statement, and writes down that an attempt begins. Of an
 * endpoint that somebody has disabled nothing is won, nor of one whose gate was never made; the standstill tells both.
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
): Promise<WonClaim | Standstill> {
  const limits = context.limitsOf(party);
  const now = dateNow(context.clock);
  const nextProbe = new Date(context.clock.now() + limits.breakerPauseMs);
  const lease = leaseMs / 1000;
  const { rows } = await sql<WonRow | StandstillRow>`
    with candidate as (
      select delivery_id from deliveries
      where facility = ${tenant} and recipient_party = ${party} ${deliveryId === undefined ? sql`` : sql`and delivery_id = ${deliveryId}`}
        and state in ('open', 'attested') and next_due_at <= ${now} and hold_reason is null and (lease_until is null or lease_until < now())
        -- Asked before any row is locked: most who look find no slot free, and a lock costs a commit on the disk.
        and exists (select from endpoint_gates where party = ${party} and (probe_at is null or probe_at <= ${now} or probe_at > ${nextProbe}))
        and exists (select from endpoint_slots where party = ${party} and slot < ${limits.concurrency}
          and (lease_until is null or lease_until < now()) and free_at <= now())
        and not exists (select from endpoints where facility = ${tenant} and party = ${party} and disabled_since is not null)
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
      returning facility, deliveries.delivery_id, fence, report_id, rung, payload_sealed
    ), taken as (
      update endpoint_slots slots set delivery_id = won.delivery_id, fence = won.fence,
        lease_until = now() + make_interval(secs => ${lease}), free_at = now() + make_interval(secs => ${limits.concurrency / limits.perSecond})
      from won, free where slots.party = ${party} and slots.slot = free.slot
    ), begun as (
      insert into attempts (facility, delivery_id, fence, started_at) select facility, delivery_id, fence, ${now} from won
    )
    select won.delivery_id, won.fence, won.report_id, won.rung, won.payload_sealed, why.slots, why.disabled, why.wait,
      (select wrapped from data_keys key where key.facility = won.facility and key.report_id = won.report_id and purpose = 'report') as wrapped
    from (select) as one left join won on true
    left join lateral (${whyNothing(tenant, context, party)} where won.delivery_id is null) why on true`.execute(context.db);
  const row = rows[0];
  invariant(row !== undefined, 'a claim is won, or it is told why not');
  return row.delivery_id === null ? standstillFrom(row, limits) : wonFrom(row, party);
}

interface WonRow extends Pick<DeliveryRow, 'delivery_id' | 'fence' | 'report_id' | 'rung' | 'payload_sealed'> {
  readonly wrapped: Buffer | null;
}

function wonFrom(row: WonRow, party: string): WonClaim {
  return {
    deliveryId: row.delivery_id,
    fence: row.fence,
    party,
    reportId: row.report_id,
    rung: row.rung,
    payloadSealed: row.payload_sealed,
    wrappedKey: row.wrapped,
  };
}

/** Of an endpoint's slots; so long as fewer are taken, nobody finds none between an attempt's last statement and its commit. */
const NEARLY_ALL = 0.75;

/**
 * Whether whoever ends an attempt is to look what is due next, asked in the statement that writes the end down: most who asked
 * by another claim won nothing. It is so where anything else is due that nobody works on, or where so few slots are left that
 * somebody may find none before this one is free. What becomes due while slots are free wakes a worker of its own.
 */
export function looksAgain(
  tenant: Tenant,
  { clock, limitsOf }: Pick<LedgerContext, 'clock' | 'limitsOf'>,
  { party, deliveryId }: Claim,
): RawBuilder<boolean> {
  const { concurrency } = limitsOf(party);
  return sql<boolean>`(exists (
      select from deliveries where facility = ${tenant} and recipient_party = ${party} and state in ('open', 'attested') and hold_reason is null
        and next_due_at <= ${dateNow(clock)} and (lease_until is null or lease_until < now()) and delivery_id <> ${deliveryId})
    or (select count(*) from endpoint_slots
      where party = ${party} and slot < ${concurrency} and lease_until >= now()) > ${NEARLY_ALL * concurrency}::float8)`;
}

/** Why nothing was won at an endpoint. */
export interface Standstill {
  /** Somebody has stopped sending to it. */
  readonly disabled: boolean;
  /** It has its slots; where not, its gate is to be made first. */
  readonly gated: boolean;
  /**
   * Milliseconds until the next attempt may begin, if something is due, nobody works on it, a slot is free and the breaker is
   * closed: what its rate asks for, or 0 if a claim only passed over a row that was locked for an instant.
   */
  readonly waitMs: number | undefined;
}

/** Asks why nothing was won, in the statement that won nothing. */
function whyNothing(tenant: Tenant, { clock, limitsOf }: Claiming, party: string): RawBuilder<unknown> {
  return sql`
    select slots,
      exists (select from endpoints where facility = ${tenant} and party = ${party} and disabled_since is not null) as disabled,
      case when next_free is not null
        and exists (select from endpoint_gates where party = ${party} and probe_at is null)
        and exists (
          select from deliveries where facility = ${tenant} and recipient_party = ${party} and state in ('open', 'attested') and hold_reason is null
            and next_due_at <= ${dateNow(clock)} and (lease_until is null or lease_until < now()))
        then extract(epoch from greatest(next_free, now()) - now())::float8 * 1000 end as wait
    from (
      select count(*)::integer as slots, min(free_at) filter (where lease_until is null or lease_until < now()) as next_free
      from endpoint_slots where party = ${party} and slot < ${limitsOf(party).concurrency}
    ) as slots`;
}

interface StandstillRow {
  readonly delivery_id: null;
  readonly disabled: boolean;
  readonly slots: number;
  readonly wait: number | null;
}

function standstillFrom({ disabled, slots, wait }: StandstillRow, { concurrency }: EndpointLimits): Standstill {
  return { disabled, gated: slots === concurrency, waitMs: wait === null ? undefined : Math.ceil(wait) };
}

/** Whether a claim was won. */
export function isWon(claim: WonClaim | Standstill): claim is WonClaim {
  return 'deliveryId' in claim;
}
