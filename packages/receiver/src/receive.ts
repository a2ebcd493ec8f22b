import { type Clock, isId, isoNow, type Json, problemOf, ZhidaError } from '@zhida/core';
import { type EnvelopeClaims, type KeyDirectory, openEnvelope, verifyWebhook } from '@zhida/signing';
import { textAt } from './body.js';
import type { Inbox, NewDelivery, StageReceipt } from './inbox.js';
import type { ReceiverLogger } from './logger.js';
import { makeReceipt } from './statements.js';
import { summarise, summaryBytes } from './summary.js';
import type { Vault } from './vault.js';

/**
 * The largest envelope taken, in bytes: the same as the longest JWE that can be opened. A report is at most 1 MiB and grows
 * by a third at each of three base64url layers (restricted group, JWS, JWE); the rest is margin for claims and headers.
 */
export const ENVELOPE_LIMIT_BYTES = 4 * 1024 * 1024;

/** Header values as Node gives them. */
export type ReceivedHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What to answer to the relay. */
export interface ReceiveAnswer {
  readonly status: number;
  /** `application/jose` with a receipt, else `application/problem+json`. */
  readonly contentType: 'application/jose' | 'application/problem+json';
  readonly body: string;
}

export interface ReceiveDeps {
  readonly keys: KeyDirectory;
  readonly inbox: Inbox;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly logger: ReceiverLogger;
}

/**
 * Takes one pushed envelope and says what to answer. Never throws: a refusal is a problem document, and everything that is
 * not the sender's fault asks it to come again.
 */
export async function receive(deps: ReceiveDeps, rawBody: Uint8Array, headers: ReceivedHeaders): Promise<ReceiveAnswer> {
  return answer(deps, rawBody, headers);
}

/**
 * Takes one envelope that came by another road than a push: fetched from the relay, or carried by file. It has no webhook headers;
 * the envelope is the credential, and everything inside it is checked alike.
 */
export async function receiveCarried(deps: ReceiveDeps, envelope: Uint8Array): Promise<ReceiveAnswer> {
  return answer(deps, envelope, undefined);
}

async function answer(deps: ReceiveDeps, rawBody: Uint8Array, headers: ReceivedHeaders | undefined): Promise<ReceiveAnswer> {
  try {
    const receipt = await take(deps, rawBody, headers);
    return { status: 200, contentType: 'application/jose', body: receipt.jws };
  } catch (error) {
    const problem = problemOf(error);
    const fields = { code: problem.code, deliveryId: headerId(headers) };
    if (problem.status >= 500) deps.logger.error(fields, 'envelope not taken');
    else deps.logger.warn(fields, 'envelope refused');
    return { status: problem.status, contentType: 'application/problem+json', body: JSON.stringify(problem) };
  }
}

async function take(deps: ReceiveDeps, rawBody: Uint8Array, headers: ReceivedHeaders | undefined): Promise<StageReceipt> {
  const { keys, inbox, clock, logger } = deps;
  if (rawBody.byteLength > ENVELOPE_LIMIT_BYTES) throw new ZhidaError('ZD_ERR_INPUT_TOO_LARGE', 'the envelope is over the limit');
  const delivery = await readDelivery(deps, rawBody, headers);
  const { deliveryId, reportId, relay } = delivery;
  const subject = { deliveryId, reportId };
  const taken = await inbox.take(delivery, {
    sign: () => makeReceipt(keys, clock, delivery, { stage: 'stored', officerId: null, agencyNumber: null, transferredTo: null }),
    stored: { actor: relay, action: 'delivery.stored', subject },
    conflict: { actor: relay, action: 'delivery.conflict', subject: { ...subject, payloadSha256: delivery.payloadSha256 } },
  });
  if (taken.outcome === 'conflict') {
    logger.error({ ...subject, relay }, 'another payload came under a known delivery id; the first one stands');
    throw new ZhidaError('ZD_ERR_PAYLOAD_CONFLICT', 'the delivery id is known with another payload hash', { at: 'webhook-id' });
  }
  logger.info({ ...subject, relay, repeat: taken.outcome === 'repeat', receiptId: taken.receipt.receiptId }, 'delivery stored');
  return taken.receipt;
}

/** Verifies everything (type, keys, sender, addressee and mode are checked by the envelope's own reader), then seals: from here on nothing about a person is in clear. */
async function readDelivery(deps: ReceiveDeps, rawBody: Uint8Array, headers: ReceivedHeaders | undefined): Promise<NewDelivery> {
  const { keys, vault, clock } = deps;
  const now = clock.now();
  const nowSeconds = Math.floor(now / 1000);
  const webhook = headers === undefined ? undefined : await verifyWebhook({ headers, body: rawBody, trusted: keys.trusted, nowSeconds });
  const opened = await openEnvelope({ envelope: new TextDecoder().decode(rawBody), keys, now });
  const { claims, payload, payloadSha256 } = opened;
  // Another relay may carry it: what it carries is signed and sealed by its sender, and was checked above.
  if (webhook !== undefined && webhook.sender.role !== 'relay') {
    throw new ZhidaError('ZD_ERR_PARTY_UNKNOWN', 'an envelope is brought by a relay', { at: 'webhook-signature' });
  }
  if (claims.deliveryId !== (webhook?.id ?? claims.deliveryId) || !isId('dlv', claims.deliveryId) || !isId('rpt', claims.reportId)) {
    throw new ZhidaError('ZD_ERR_ENVELOPE_UNREADABLE', 'the ids inside and outside the envelope differ', { at: 'deliveryId' });
  }
  const { deliveryId } = claims;
  const wrappedKey = vault.newKey();
  return {
    ...headerOf(claims),
    receivedAt: isoNow(clock),
    payloadSha256,
    wrappedKey,
    sealedSummary: vault.seal(wrappedKey, deliveryId, 'summary', summaryBytes(summarise(claims.body))),
    sealedPayload: vault.seal(wrappedKey, deliveryId, 'payload', payload),
  };
}

function headerOf(
  claims: EnvelopeClaims,
): Omit<NewDelivery, 'receivedAt' | 'payloadSha256' | 'wrappedKey' | 'sealedSummary' | 'sealedPayload'> {
  const { deliveryId, reportId, number, sequence, kind, view, mode, createdAt } = claims;
  const routine = textAt(claims.body as Json, 'priority') === 'routine';
  return {
    deliveryId,
    reportId,
    number,
    sequence,
    kind,
    view,
    mode,
    relay: claims.iss,
    createdAt,
    priority: routine ? 'routine' : 'urgent',
  };
}

/** Only a well-formed id is worth logging: the header is not verified yet. */
function headerId(headers: ReceivedHeaders | undefined): string | undefined {
  const value = headers?.['webhook-id'];
  return isId('dlv', value) ? value : undefined;
}
