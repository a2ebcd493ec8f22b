import { type Clock, isZhidaError } from '@zhida/core';
import { type KeyDirectory, type ReceiptClaims, sealEnvelope, type TrustedParty, verifyReceipt, webhookHeaders } from '@zhida/signing';
import type { AttemptEnd } from '../ledger/attempts.js';
import { retryAfterSeconds } from './schedule.js';
import type { DeliverySettings } from './settings.js';

/** Answers of agencies are receipts of a few hundred bytes; what is longer is not read. */
const ANSWER_BYTES_MAX = 64 * 1024;

/** One payload on its way to one agency. */
export interface Shipment {
  readonly deliveryId: string;
  /** The stored bytes: the same at every attempt, only their encryption is new (INV-4). */
  readonly payload: Uint8Array;
  readonly recipient: TrustedParty;
  readonly baseUrl: string;
}

/** What came of an attempt. Only a receipt that verifies is proof; everything else leaves the delivery open (INV-5). */
export type AttemptResult =
  | { readonly outcome: 'receipted'; readonly claims: ReceiptClaims; readonly jws: string }
  | (AttemptEnd & { readonly outcome: 'refused' | 'unknown'; readonly retryAfterSeconds?: number });

export interface AttemptDeps {
  readonly keys: KeyDirectory;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
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
    return notReceipted(deps, answer);
  } catch (error) {
    return { outcome: 'unknown', status: null, detail: detailOf(error, limit.signal) };
  } finally {
    clearTimeout(timer);
    deps.underWay.delete(limit);
  }
}

async function post(deps: AttemptDeps, { deliveryId, payload, recipient, baseUrl }: Shipment, signal: AbortSignal): Promise<Response> {
  const nowMs = deps.clock.now();
  const body = await sealEnvelope({ payload, signer: deps.keys, recipient, now: nowMs });
  const signed = await webhookHeaders({ id: deliveryId, timestampSeconds: Math.floor(nowMs / 1000), body, keys: deps.keys });
  // Joined as text: resolving an absolute path would drop the path under which a gateway may publish the agency.
  return deps.fetch(`${baseUrl}/v1/envelopes`, {
    method: 'POST',
    headers: { 'content-type': 'application/jose', accept: 'application/jose', ...signed },
    body,
    // A redirect would carry the report to an address nobody pinned.
    redirect: 'manual',
    signal,
  });
}

async function readAnswer(deps: AttemptDeps, answer: Response): Promise<AttemptResult> {
  const bytes = await readLimited(answer, ANSWER_BYTES_MAX);
  if (bytes === undefined) return { outcome: 'unknown', status: 200, detail: 'answer-too-large' };
  const type = answer.headers.get('content-type') ?? '';
  if (!/^application\/jose\s*(;|$)/i.test(type)) return { outcome: 'unknown', status: 200, detail: 'no-receipt' };
  const jws = bytes.toString('utf8').trim();
  try {
    return { outcome: 'receipted', claims: await verifyReceipt(jws, { trusted: deps.keys.trusted }), jws };
  } catch (error) {
    return { outcome: 'unknown', status: 200, detail: isZhidaError(error) ? 'receipt-not-verified' : 'receipt-unreadable' };
  }
}

/** 3xx and 4xx say no; a 5xx may come from a proxy that gave up waiting for an agency that has stored the report. */
function notReceipted(deps: AttemptDeps, answer: Response): AttemptResult {
  void answer.body?.cancel().catch(() => undefined);
  const retryAfter = retryAfterSeconds(answer.headers.get('retry-after'), deps.clock.now());
  const { status } = answer;
  return {
    outcome: status >= 300 && status < 500 ? 'refused' : 'unknown',
    // undici hides the status of a manual redirect in some versions; 0 is not a status.
    status: status === 0 ? null : status,
    detail: status >= 200 && status < 300 ? 'no-receipt' : `http-${status}`,
    ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
  };
}

async function readLimited(answer: Response, bytesMax: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (answer.body === null) return Buffer.alloc(0);
  for await (const chunk of answer.body) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (size > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A time-out is not a failure: the agency may have stored the report, so the same id is sent again. */
function detailOf(error: unknown, { aborted, reason }: AbortSignal): string {
  if (aborted) return reason === 'timeout' ? 'timeout' : 'stopped';
  return isZhidaError(error) ? 'not-sealed' : 'connection';
}
