import { setTimeout as delay } from 'node:timers/promises';
import { isZhidaError } from '@zhida/core';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { recordUnprovenAttempt } from '../ledger/attempts.js';
import { type Claim, claimDelivery, isWon, type Standstill, type WonClaim } from '../ledger/claim.js';
import { dateNow, type LedgerContext, type Tenant } from '../ledger/context.js';
import { sealedAs } from '../ledger/data-keys.js';
import { type BreakerChange, ensureGate, pullForward } from '../ledger/gates.js';
import { holdDelivery } from '../ledger/holds.js';
import { recordReceipt } from '../ledger/receipts.js';
import type { Metrics } from '../metrics.js';
import { ferryDelivery } from '../roads/ferry-out.js';
import type { Shares } from '../roads/shares.js';
import { attemptDelivery, type AttemptResult, type Shipment } from './attempt.js';
import { endpointSign } from './breaker.js';
import type { Post } from './egress.js';
import type { EndpointLimits } from './limits.js';
import { type HeldRoute, trustedRecipient, type TrustedRecipient } from './route.js';
import { waitMs } from './schedule.js';
import type { DeliverySettings } from './settings.js';
import type { Turns } from './turns.js';

export interface DeliverContext {
  readonly ledger: LedgerContext;
  readonly settings: DeliverySettings;
  readonly post: Post;
  readonly random: () => number;
  readonly underWay: Set<AbortController>;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly shares: Shares;
  readonly turns: Turns;
  /** True from the moment the relay stops: no attempt begins any more. */
  readonly stopping: () => boolean;
}

/** What one step did, and whether more may be due; or why nothing was won; `no-route` if the recipient has no keys or no address. */
type Delivered = Standstill | 'no-route' | Attempted;

interface Attempted {
  readonly outcome: 'receipted' | 'refused' | 'unknown';
  readonly looksAgain: boolean;
}

function isAttempted(done: Delivered): done is Attempted {
  return typeof done === 'object' && 'outcome' in done;
}

/** An endpoint as one facility's deliveries reach it. */
interface Lane {
  readonly tenant: Tenant;
  readonly party: string;
}

/**
 * The worker: wins what is due next at the endpoint of the delivery it was woken for, makes one attempt, writes down what
 * came of it, and goes on until nothing is due there. So a backlog drains at the agency's pace and not at the queue's, in the
 * ledger's order whatever the order of the wake-ups. Queue and sweep both end here.
 *
 * @param strays told when it begins with another delivery than the one it was woken for
 */
export async function deliver(context: DeliverContext, deliveryId: string, strays: () => void): Promise<void> {
  const lane = await laneOf(context, deliveryId);
  if (lane === undefined) return;
  let pausedMs = 0;
  while (!context.stopping()) {
    const done = await deliverOnce(context, lane, { deliveryId, strays });
    if (done === 'no-route') return hold(context, lane, deliveryId, done);
    if (isAttempted(done)) {
      if (!done.looksAgain) return;
      pausedMs = 0;
      continue;
    }
    const { disabled, gated, waitMs: wait } = done;
    if (disabled) return hold(context, lane, deliveryId, 'endpoint-disabled');
    if (!gated) {
      await ensureGate(context.ledger, lane.party);
      continue;
    }
    if (wait === undefined) return;
    // Each pause is as long as those before it together: many may wait for the same instant.
    const pauseMs = Math.max(wait, pausedMs, LOCKED_PAUSE_MS);
    pausedMs += pauseMs;
    if (pausedMs > context.settings.sweepEveryMs) return;
    await delay(pauseMs);
  }
}

/**
 * A claim passes over what another transaction has locked: the sweep that looks, the ladder that rises, a receipt that comes.
 * Whoever was woken stays for such an instant.
 */
const LOCKED_PAUSE_MS = 20;

/**
 * `undefined` if there is nothing to do for it, or somebody does it already: whoever has its lease, or any slot of its endpoint where
 * all are taken, goes on with what is due there. While the endpoint's breaker is open that is the sweep, once the next probe is due.
 */
async function laneOf({ ledger, settings }: DeliverContext, deliveryId: string): Promise<Lane | undefined> {
  const now = dateNow(ledger.clock);
  const latestProbe = new Date(now.getTime() + settings.breakerPauseMs);
  // By its id alone: with the conditions of the index of what is due, a server without statistics reads that index from end to end.
  const row = await ledger.db
    .selectFrom('deliveries')
    .select(['facility', 'recipient_party', 'state', 'hold_reason', sql<boolean>`coalesce(lease_until >= now(), false)`.as('leased')])
    .select([
      sql<boolean>`exists (select from endpoint_gates where party = recipient_party and probe_at > ${now} and probe_at <= ${latestProbe})`.as(
        'rests',
      ),
      sql<number[] | null>`(select array_agg(slot) from endpoint_slots where party = recipient_party and lease_until >= now())`.as('taken'),
    ])
    .where('delivery_id', '=', deliveryId)
    .executeTakeFirst();
  if (row === undefined || row.leased || row.rests || row.hold_reason !== null) return undefined;
  if (row.state !== 'open' && row.state !== 'attested') return undefined;
  const { concurrency } = ledger.limitsOf(row.recipient_party);
  if ((row.taken ?? []).filter((slot) => slot < concurrency).length === concurrency) return undefined;
  return { tenant: row.facility, party: row.recipient_party };
}

interface Woken {
  /** Held if its recipient cannot be reached. */
  readonly deliveryId: string;
  readonly strays: () => void;
}

/** One attempt: for the facility whose turn it is at the endpoint, and for the one it was woken for if nothing can be won there. */
async function deliverOnce(context: DeliverContext, lane: Lane, woken: Woken): Promise<Delivered> {
  const turn = await context.turns.next(lane.party, lane.tenant);
  if (turn !== lane.tenant) {
    const done = await attemptNext(context, { ...lane, tenant: turn }, woken);
    // It was for another facility: what this one was woken for is still to be looked for.
    if (isAttempted(done)) return { ...done, looksAgain: true };
  }
  return attemptNext(context, lane, woken);
}

/** Attempts what is due next of one facility, unless its endpoint cannot be reached. */
async function attemptNext(context: DeliverContext, { tenant, party }: Lane, woken: Woken): Promise<Delivered> {
  const { keys, clock, limitsOf } = context.ledger;
  const route = trustedRecipient(keys, party, clock.now());
  if (route === undefined) return 'no-route';
  const claim = await claimDelivery(tenant, context.ledger, { party }, context.settings.leaseMs);
  if (!isWon(claim)) return claim;
  context.turns.took(party, tenant);
  if (claim.deliveryId !== woken.deliveryId) woken.strays();
  const payload = openPayload(context, claim);
  if (payload === undefined) return fail(tenant, context, claim, { outcome: 'unknown', status: null, detail: 'not-opened' });
  const limits = limitsOf(party);
  const { post, settings, underWay, shares } = context;
  const deps = { keys, clock, post, settings, underWay, shares };
  const shipment = { deliveryId: claim.deliveryId, payload, recipient: route.party, ...wayTo(context.ledger, route, limits) };
  const result =
    limits.ferryOut === undefined ? await attemptDelivery(deps, shipment) : await ferryDelivery(deps, shipment, limits.ferryOut);
  return record(tenant, context, claim, result);
}

/** The agency itself, or the relay it is reached by; a relay that is not pinned any more is an address nobody has. */
function wayTo(
  { keys, limitsOf }: LedgerContext,
  route: TrustedRecipient,
  { via, permitted }: EndpointLimits,
): Pick<Shipment, 'baseUrl' | 'permitted' | 'forwarded'> {
  if (via === undefined) return { baseUrl: route.baseUrl, permitted, forwarded: false };
  return { baseUrl: keys.trusted.party(via)?.baseUrl ?? 'unpinned:', permitted: limitsOf(via).permitted, forwarded: true };
}

/** The stored bytes; `undefined` if they cannot be opened. Such a delivery climbs the ladder in sight like any other, instead of being tried without a pause. */
function openPayload({ ledger, log }: DeliverContext, { deliveryId, payloadSealed, wrappedKey }: WonClaim): Uint8Array | undefined {
  try {
    if (payloadSealed === null || wrappedKey === null) return undefined;
    return ledger.sealer.open(ledger.sealer.unwrap(wrappedKey), payloadSealed, sealedAs.payload(deliveryId));
  } catch (error) {
    log.error({ deliveryId, error: error instanceof Error ? error.name : typeof error }, 'the payload of a delivery cannot be opened');
    return undefined;
  }
}

async function hold(context: DeliverContext, { tenant, party }: Lane, deliveryId: string, reason: HeldRoute['reason']): Promise<void> {
  const began = await holdDelivery(tenant, context.ledger, deliveryId, reason, context.ledger.keys.party);
  if (began) context.log.error({ deliveryId, party, hold: reason }, 'a report is held: its recipient cannot be reached');
}

async function record(tenant: Tenant, context: DeliverContext, claim: WonClaim, result: AttemptResult): Promise<Delivered> {
  if (result.outcome !== 'receipted') return fail(tenant, context, claim, result);
  const proved = await recordProof(tenant, context, claim, result);
  if (proved !== undefined) return { outcome: 'receipted', looksAgain: proved.again };
  return fail(tenant, context, claim, { outcome: 'unknown', status: 200, detail: 'receipt-mismatch' });
}

async function recordProof(
  tenant: Tenant,
  context: DeliverContext,
  claim: Claim,
  { claims, jws }: Extract<AttemptResult, { outcome: 'receipted' }>,
): Promise<{ again: boolean } | undefined> {
  const { deliveryId, fence, party } = claim;
  // A receipt of another delivery is that delivery's proof, but no answer to this attempt.
  if (claims.deliveryId !== deliveryId) {
    context.log.error({ deliveryId, fence, at: 'deliveryId' }, 'the agency answered with a receipt of something else');
    return undefined;
  }
  try {
    const { breaker, again } = await recordReceipt(tenant, context.ledger, { claims, jws, via: 'answer', attempt: claim });
    context.metrics.attempts.receipted += 1;
    context.log.info({ deliveryId, fence, stage: claims.stage }, 'receipt recorded');
    return { again: (await broughtForward(context, party, breaker)) || again };
  } catch (error) {
    if (!isZhidaError(error) || error.code !== 'ZD_ERR_RECEIPT_MISMATCH') throw error;
    context.log.error({ deliveryId, fence, at: error.at }, 'the agency answered with a receipt of something else');
    return undefined;
  }
}

/** What was put off while the endpoint's breaker was open is due once it has closed. @returns whether it has. */
async function broughtForward(context: DeliverContext, party: string, breaker: BreakerChange): Promise<boolean> {
  if (breaker !== 'closed') return false;
  const count = await pullForward(context.ledger, party);
  context.log.warn({ party, count }, 'the endpoint works again; what was put off is due now');
  return true;
}

async function fail(
  tenant: Tenant,
  context: DeliverContext,
  claim: WonClaim,
  result: Extract<AttemptResult, { outcome: 'refused' | 'unknown' }>,
): Promise<Delivered> {
  const wait = waitMs(context.settings, claim.rung, context.random, result.retryAfterSeconds);
  const end = { ...result, waitMs: wait, sign: endpointSign(result) };
  const { moved, again, breaker } = await recordUnprovenAttempt(tenant, context.ledger, claim, end);
  context.metrics.attempts[result.outcome] += 1;
  const about = {
    deliveryId: claim.deliveryId,
    fence: claim.fence,
    party: claim.party,
    outcome: result.outcome,
    detail: result.detail,
    leaseLost: !moved,
  };
  // A refusal never ends a report, but a person must look at once.
  if (result.outcome === 'refused') context.log.error(about, 'the agency refused; the delivery stays open');
  else context.log.warn(about, 'no receipt; the delivery stays open');
  if (breaker === 'opened')
    context.log.error({ party: claim.party }, 'an endpoint fails again and again: its reports wait, one at a time is tried');
  const pulledForward = await broughtForward(context, claim.party, breaker);
  return { outcome: result.outcome, looksAgain: again || pulledForward };
}
