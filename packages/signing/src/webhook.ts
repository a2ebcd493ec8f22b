import { ZhidaError } from '@zhida/core';
import type { KeyDirectory } from './keys/key-directory.js';
import { signBytes, verifyBytes } from './providers/node.js';
import { inWindow, SKEW_SECONDS } from './time.js';
import { sigKeysAt, type TrustedParty } from './trust/trusted-party.js';
import type { TrustStore } from './trust/trust-store.js';

/** The asymmetric scheme of Standard Webhooks: Ed25519 over `id.timestamp.body`. */
const SCHEME = 'v1a';
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const TIMESTAMP = /^[0-9]{1,11}$/;
/** A rotation signs twice; more than this is somebody trying keys. */
const SIGNATURES_MAX = 8;

/** The three headers of Standard Webhooks. A type, not an interface, so that it passes as a record of headers. */
export type WebhookHeaders = {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
};

export interface WebhookOptions {
  /** The delivery id: the same at every attempt. No `.` in it, because that is what separates the signed parts. */
  readonly id: string;
  /** The time of this attempt, not of the event. */
  readonly timestampSeconds: number;
  /** The body as sent, byte for byte. */
  readonly body: Uint8Array | string;
  readonly keys: KeyDirectory;
}

/**
 * Signs a request with every signing key that is in its time: whoever has pinned one of them can verify.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` for an id or time that is none, `ZD_ERR_KEY_MISSING` when no key is in its time.
 */
export async function webhookHeaders({ id, timestampSeconds, body, keys }: WebhookOptions): Promise<WebhookHeaders> {
  if (!ID.test(id)) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'a webhook id is 1 to 64 letters, digits, "_" or "-"', { at: 'id' });
  const timestamp = String(timestampSeconds);
  if (!TIMESTAMP.test(timestamp))
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'a timestamp is whole seconds since 1970', { at: 'timestampSeconds' });
  const signed = signedContent(id, timestamp, body);
  const signatures = keys.signingKeys
    .filter((key) => inWindow(key, timestampSeconds * 1000))
    .map(({ privateKey }) => `${SCHEME},${Buffer.from(signBytes(signed, privateKey)).toString('base64')}`);
  if (signatures.length === 0) throw new ZhidaError('ZD_ERR_KEY_MISSING', 'no signing key is in its time', { at: 'keys.json' });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

export interface VerifyWebhookOptions {
  /** Header values as Node or a plain record gives them; names in any case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body as received, before any parsing: JSON written again is another message. */
  readonly body: Uint8Array | string;
  readonly trusted: TrustStore;
  readonly nowSeconds: number;
}

export interface VerifiedWebhook {
  readonly id: string;
  readonly timestampSeconds: number;
  readonly sender: TrustedParty;
}

/**
 * Verifies a request within ±300 s and says which pinned party sent it. One good signature of several is enough; schemes of
 * another kind beside it are passed over.
 *
 * @throws ZhidaError `ZD_ERR_TOKEN_INVALID` when a header is missing or malformed, `ZD_ERR_SIGNATURE_EXPIRED` outside the
 * tolerance, `ZD_ERR_SIGNATURE_MISMATCH` when no pinned key signed it.
 */
export async function verifyWebhook({ headers, body, trusted, nowSeconds }: VerifyWebhookOptions): Promise<VerifiedWebhook> {
  const id = header(headers, 'webhook-id', ID);
  const timestamp = header(headers, 'webhook-timestamp', TIMESTAMP);
  const signatures = header(headers, 'webhook-signature', /^[\x21-\x7e ]{1,4096}$/)
    .split(' ')
    .slice(0, SIGNATURES_MAX)
    .flatMap(readSignature);
  const timestampSeconds = Number(timestamp);
  if (!(Math.abs(nowSeconds - timestampSeconds) <= SKEW_SECONDS)) {
    throw new ZhidaError('ZD_ERR_SIGNATURE_EXPIRED', 'the request is not of this time', { at: 'webhook-timestamp' });
  }
  const signed = signedContent(id, timestamp, body);
  for (const sender of trusted.all()) {
    for (const { publicKey } of sigKeysAt(sender, nowSeconds * 1000)) {
      if (signatures.some((signature) => verifyBytes(signed, publicKey, signature))) return { id, timestampSeconds, sender };
    }
  }
  throw new ZhidaError('ZD_ERR_SIGNATURE_MISMATCH', 'no pinned key signed this request', { at: 'webhook-signature' });
}

function signedContent(id: string, timestamp: string, body: Uint8Array | string): Uint8Array {
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`, 'ascii'), typeof body === 'string' ? Buffer.from(body, 'utf8') : body]);
}

function readSignature(text: string): Uint8Array[] {
  const [scheme, encoded = '', ...rest] = text.split(',');
  const bytes = Buffer.from(encoded, 'base64');
  return scheme === SCHEME && rest.length === 0 && bytes.toString('base64') === encoded ? [bytes] : [];
}

function header(headers: VerifyWebhookOptions['headers'], name: string, form: RegExp): string {
  const key = Object.keys(headers).find((candidate) => candidate.toLowerCase() === name);
  const value = key === undefined ? undefined : headers[key];
  if (typeof value !== 'string' || !form.test(value)) {
    throw new ZhidaError('ZD_ERR_TOKEN_INVALID', 'the header is missing or malformed', { at: name });
  }
  return value;
}
