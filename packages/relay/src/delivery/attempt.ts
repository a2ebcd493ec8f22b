import { type Clock, isZhidaError } from '@zhida/core';
import { type KeyDirectory, type ReceiptClaims, sealEnvelope, type TrustedParty, verifyReceipt, webhookHeaders } from '@zhida/signing';
import type { AttemptEnd } from '../ledger/attempts.js';
import type { Network } from './addresses.js';
import type { Incoming, Post } from './egress.js';
import { retryAfterSeconds } from './schedule.js';
import type { DeliverySettings } from './settings.js';

/** How an attempt by way of another relay ends until the agency has signed: that relay has it, which says nothing about the agency. */
export const FORWARDED = 'forwarded';

/** One payload on its way to one agency. */
export interface Shipment {
  readonly deliveryId: string;
  /** The stored bytes: the same at every attempt, only their encryption is new (INV-4). */
  readonly payload: Uint8Array;
  readonly recipient: TrustedParty;
  readonly baseUrl: string;
  /** Networks outside of the public internet that it may go to. */
  readonly permitted: readonly Network[];
  /** Handed to another relay for the recipient; its own word proves nothing. */
  readonly forwarded: boolean;
}

/** What came of an attempt. Only a receipt that verifies is proof; everything else leaves the delivery open (INV-5). */
export type AttemptResult =
  | { readonly outcome: 'receipted'; readonly claims: ReceiptClaims; readonly jws: string }
  | (AttemptEnd & { readonly outcome: 'refused' | 'unknown'; readonly retryAfterSeconds?: number });

export interface AttemptDeps {
  readonly keys: KeyDirectory;
  readonly clock: Clock;
  readonly post: Post;
  readonly settings: Pick<DeliverySettings, 'attemptTimeoutMs'>;
  /** Attempts under way, so that a relay that stops need not wait for a silent agency. */
  readonly underWay: Set<AbortController>;
}

/** Encrypts the payload to the agency's current key and posts it once. It never throws: each failure is an outcome. */
export async function attemptDelivery(deps: AttemptDeps, shipment: Shipment): Promise<AttemptResult> {
  const limit = new AbortController();
  deps.underWay.add(limit);
  // It covers the body too: an agency that answers one byte a minute is no better than a silent one.
  const timer = setTimeout(() => limit.abort('timeout'), deps.settings.attemptTimeoutMs);
  try {
    const answer = await post(deps, shipment, limit.signal);
    if (answer.status === 200) return await readAnswer(deps, answer);
    if (answer.status === 202 && shipment.forwarded) return { outcome: 'unknown', status: 202, detail: FORWARDED };
    return notReceipted(deps, answer);
  } catch (error) {
    return { outcome: 'unknown', status: null, detail: detailOf(error, limit.signal) };
  } finally {
    clearTimeout(timer);
    deps.underWay.delete(limit);
  }
}

async function post(
  deps: AttemptDeps,
  { deliveryId, payload, recipient, baseUrl, permitted, forwarded }: Shipment,
  signal: AbortSignal,
): Promise<Incoming> {
  const nowMs = deps.clock.now();
  const body = await sealEnvelope({ payload, signer: deps.keys, recipient, now: nowMs });
  const signed = await webhookHeaders({ id: deliveryId, timestampSeconds: Math.floor(nowMs / 1000), body, keys: deps.keys });
  const to = forwarded ? { 'forward-to': recipient.party } : {};
  const headers = { 'content-type': 'application/jose', accept: 'application/jose', ...to, ...signed };
  // Joined as text: resolving an absolute path would drop the path under which a gateway may publish the agency.
  return deps.post({ url: `${baseUrl}${forwarded ? '/v1/forwards' : '/v1/envelopes'}`, headers, body, permitted }, signal);
}

async function readAnswer(deps: AttemptDeps, { headers, body }: Incoming): Promise<AttemptResult> {
  if (body === undefined) return { outcome: 'unknown', status: 200, detail: 'answer-too-large' };
  if (!/^application\/jose\s*(;|$)/i.test(headers['content-type'] ?? '')) return { outcome: 'unknown', status: 200, detail: 'no-receipt' };
  const jws = body.toString('utf8').trim();
  try {
    return { outcome: 'receipted', claims: await verifyReceipt(jws, { trusted: deps.keys.trusted }), jws };
  } catch (error) {
    return { outcome: 'unknown', status: 200, detail: isZhidaError(error) ? 'receipt-not-verified' : 'receipt-unreadable' };
  }
}

/** 3xx and 4xx say no; a 5xx may come from a proxy that gave up waiting for an agency that has stored the report. */
function notReceipted(deps: AttemptDeps, { status, headers }: Incoming): AttemptResult {
  const retryAfter = retryAfterSeconds(headers['retry-after'] ?? null, deps.clock.now());
  return {
    outcome: status >= 300 && status < 500 ? 'refused' : 'unknown',
    status,
    detail: status >= 200 && status < 300 ? 'no-receipt' : `http-${status}`,
    ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
  };
}

/** A time-out is not a failure: the agency may have stored the report, so the same id is sent again. */
function detailOf(error: unknown, { aborted, reason }: AbortSignal): string {
  if (aborted) return reason === 'timeout' ? 'timeout' : 'stopped';
  if (!isZhidaError(error)) return 'connection';
  return error.code === 'ZD_ERR_EGRESS_REFUSED' ? 'address-refused' : 'not-sealed';
}
