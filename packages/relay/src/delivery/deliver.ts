import { isZhidaError } from '@zhida/core';
import { asUnavailable } from '@zhida/database';
import type { Logger } from 'pino';
import { recordFailedAttempt } from '../ledger/attempts.js';
import { type Claim, claimDelivery } from '../ledger/claim.js';
import type { LedgerContext, Tenant } from '../ledger/context.js';
import { dataKeyOf, sealedAs } from '../ledger/data-keys.js';
import { facilityOfDelivery } from '../ledger/due.js';
import { holdDelivery } from '../ledger/holds.js';
import { recordReceipt } from '../ledger/receipts.js';
import type { Metrics } from '../metrics.js';
import { attemptDelivery, type AttemptResult } from './attempt.js';
import { resolveRoute, type Route } from './route.js';
import { waitMs } from './schedule.js';
import type { DeliverySettings } from './settings.js';

export interface DeliverContext {
  readonly ledger: LedgerContext;
  readonly facilityCodes: readonly Tenant[];
  readonly settings: DeliverySettings;
  readonly fetch: typeof fetch;
  readonly random: () => number;
  readonly underWay: Set<AbortController>;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** What one waking of a delivery did; `idle` if there was nothing to win. */
export type Delivered = 'idle' | 'held' | 'receipted' | 'refused' | 'unknown';

/** The worker: wins the delivery, makes one attempt, writes down what came of it. Queue and sweep both end here. */
export async function deliver(context: DeliverContext, deliveryId: string): Promise<Delivered> {
  const tenant = await facilityOfDelivery(context.facilityCodes, context.ledger, deliveryId);
  if (tenant === undefined) return 'idle';
  const target = await recipientOf(tenant, context.ledger, deliveryId);
  if (target === undefined) return 'idle';
  const { keys, clock, db } = context.ledger;
  const route = await resolveRoute(tenant, db, keys, target.party, clock.now());
  if (route.kind === 'held') return holdFor(tenant, context, deliveryId, target.party, route.reason);
  const claim = await claimDelivery(tenant, context.ledger, deliveryId, context.settings.leaseMs);
  if (claim === undefined) return 'idle';
  const payload = await openPayload(tenant, context, deliveryId, target);
  if (payload === undefined) return fail(tenant, context, claim, target, { outcome: 'unknown', status: null, detail: 'not-opened' });
  const deps = { keys, clock, fetch: context.fetch, settings: context.settings, underWay: context.underWay };
  const result = await attemptDelivery(deps, { deliveryId, payload, recipient: route.party, baseUrl: route.baseUrl });
  return record(tenant, context, claim, { ...target, route }, result);
}

/** The stored bytes; `undefined` if they cannot be opened. Such a delivery climbs the ladder in sight like any other, instead of being tried without a pause. */
async function openPayload(
  tenant: Tenant,
  { ledger, log }: DeliverContext,
  deliveryId: string,
  target: Target,
): Promise<Uint8Array | undefined> {
  try {
    const dataKey = await dataKeyOf(tenant, ledger.db, ledger, target.reportId, 'report');
    return ledger.sealer.open(dataKey, target.payloadSealed, sealedAs.payload(deliveryId));
  } catch (error) {
    if (asUnavailable(error) !== undefined) throw error;
    log.error({ deliveryId, error: error instanceof Error ? error.name : typeof error }, 'the payload of a delivery cannot be opened');
    return undefined;
  }
}

interface Target {
  readonly party: string;
  readonly reportId: string;
  readonly rung: number;
  readonly payloadSealed: Buffer;
}

async function recipientOf(tenant: Tenant, ledger: LedgerContext, deliveryId: string): Promise<Target | undefined> {
  const row = await ledger.db
    .selectFrom('deliveries')
    .select(['recipient_party', 'report_id', 'rung', 'payload_sealed'])
    .where('facility', '=', tenant)
    .where('delivery_id', '=', deliveryId)
    .where('state', '=', 'open')
    .where('hold_reason', 'is', null)
    .executeTakeFirst();
  if (row?.payload_sealed === undefined || row.payload_sealed === null) return undefined;
  return { party: row.recipient_party, reportId: row.report_id, rung: row.rung, payloadSealed: row.payload_sealed };
}

async function holdFor(
  tenant: Tenant,
  context: DeliverContext,
  deliveryId: string,
  party: string,
  reason: Extract<Route, { kind: 'held' }>['reason'],
): Promise<Delivered> {
  const began = await holdDelivery(tenant, context.ledger, deliveryId, reason, context.ledger.keys.party);
  if (began) context.log.error({ deliveryId, party, hold: reason }, 'a report is held: its recipient cannot be reached');
  return 'held';
}

async function record(
  tenant: Tenant,
  context: DeliverContext,
  claim: Claim,
  target: Target & { route: Extract<Route, { kind: 'open' }> },
  result: AttemptResult,
): Promise<Delivered> {
  if (result.outcome === 'receipted') {
    const proved = await recordProof(tenant, context, claim, result);
    if (proved) return 'receipted';
    return fail(tenant, context, claim, target, { outcome: 'unknown', status: 200, detail: 'receipt-mismatch' });
  }
  return fail(tenant, context, claim, target, result);
}

async function recordProof(
  tenant: Tenant,
  context: DeliverContext,
  claim: Claim,
  { claims, jws }: Extract<AttemptResult, { outcome: 'receipted' }>,
): Promise<boolean> {
  const { deliveryId, fence } = claim;
  // A receipt of another delivery is that delivery's proof, but no answer to this attempt.
  if (claims.deliveryId !== deliveryId) {
    context.log.error({ deliveryId, fence, at: 'deliveryId' }, 'the agency answered with a receipt of something else');
    return false;
  }
  try {
    await recordReceipt(tenant, context.ledger, { claims, jws, via: 'answer', attempt: claim });
  } catch (error) {
    if (!isZhidaError(error) || error.code !== 'ZD_ERR_RECEIPT_MISMATCH') throw error;
    context.log.error({ deliveryId, fence, at: error.at }, 'the agency answered with a receipt of something else');
    return false;
  }
  context.metrics.attempts.receipted += 1;
  context.log.info({ deliveryId, fence, stage: claims.stage }, 'receipt recorded');
  return true;
}

async function fail(
  tenant: Tenant,
  context: DeliverContext,
  claim: Claim,
  target: Target,
  result: Extract<AttemptResult, { outcome: 'refused' | 'unknown' }>,
): Promise<Delivered> {
  const wait = waitMs(context.settings, target.rung, context.random, result.retryAfterSeconds);
  const moved = await recordFailedAttempt(tenant, context.ledger, claim, { ...result, waitMs: wait });
  context.metrics.attempts[result.outcome] += 1;
  const about = {
    deliveryId: claim.deliveryId,
    fence: claim.fence,
    party: target.party,
    outcome: result.outcome,
    detail: result.detail,
    leaseLost: !moved,
  };
  // A refusal never ends a report, but a person must look at once.
  if (result.outcome === 'refused') context.log.error(about, 'the agency refused; the delivery stays open');
  else context.log.warn(about, 'no receipt; the delivery stays open');
  return result.outcome;
}
