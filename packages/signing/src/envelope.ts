import { type Json, ZhidaError } from '@zhida/core';
import { type Claims, claimReader } from './claims.js';
import { parseObject } from './compact.js';
import { decryptCompact, encryptCompact, JWE_LENGTH_MAX } from './compact-jwe.js';
import { type MessageKind, signCompact, verifyCompact } from './compact-jws.js';
import type { KeyDirectory } from './keys/key-directory.js';
import type { PayloadMode } from './mode.js';
import { sha256Hex } from './sha256-hex.js';
import type { TrustedParty } from './trust/trusted-party.js';

const UNREADABLE = 'ZD_ERR_ENVELOPE_UNREADABLE';
const REPORT: MessageKind = { typ: 'zhida-report+jws', roles: ['relay'], unreadable: UNREADABLE, lengthMax: JWE_LENGTH_MAX };
const ENVELOPE = { typ: 'zhida-envelope+jwe', cty: 'zhida-report+jws' };

/** The payload of an envelope: one rendered view of one report for one recipient. */
export interface EnvelopeClaims {
  readonly v: '1';
  readonly mode: PayloadMode;
  /** `relay:…` */
  readonly iss: string;
  /** `agency:…` */
  readonly aud: string;
  readonly deliveryId: string;
  readonly reportId: string;
  readonly number: string;
  /** Position in the chain of reports, from 1. */
  readonly sequence: number;
  readonly kind: string;
  readonly view: string;
  /** RFC 3339 with offset. */
  readonly createdAt: string;
  readonly body: { readonly [key: string]: Json };
  /** One compact JWE per restricted group. */
  readonly restricted: { readonly [group: string]: string };
}

export interface SealEnvelopeOptions {
  /** The payload as it was rendered at intake: the same bytes at every attempt (INV-4). */
  readonly payload: Uint8Array;
  readonly signer: KeyDirectory;
  readonly recipient: TrustedParty;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Seals a payload for one attempt: compact JWE (to the recipient's current key) around compact JWS (by ours).
 *
 * @throws ZhidaError `ZD_ERR_KEY_MISSING` when the recipient has no key in its time, `ZD_ERR_MODE_REFUSED` when our keys do
 * not carry the payload's mode or the recipient is of the other mode, `ZD_ERR_ENVELOPE_UNREADABLE` or
 * `ZD_ERR_ENVELOPE_AUDIENCE` when the payload is not one for this recipient, `ZD_ERR_INPUT_TOO_LARGE` when it is too long to be taken.
 */
export async function sealEnvelope({ payload, signer, recipient, now }: SealEnvelopeOptions): Promise<string> {
  const claims = readEnvelopeClaims(parseObject(payload, 'payload', UNREADABLE));
  if (claims.aud !== recipient.party) throw new ZhidaError('ZD_ERR_ENVELOPE_AUDIENCE', 'the payload is for another party', { at: 'aud' });
  if (recipient.mode !== signer.mode) throw new ZhidaError('ZD_ERR_MODE_REFUSED', 'the recipient is of the other mode', { at: 'mode' });
  const key = recipient.encKey(now);
  if (key === undefined) throw new ZhidaError('ZD_ERR_KEY_MISSING', 'the recipient has no encryption key in its time', { at: 'enc' });
  const jws = await signCompact(REPORT, payload, claims, signer);
  return encryptCompact(ENVELOPE, Buffer.from(jws, 'ascii'), key);
}

export interface OpenEnvelopeOptions {
  readonly envelope: string;
  readonly keys: KeyDirectory;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface OpenedEnvelope {
  readonly payload: Uint8Array;
  readonly claims: EnvelopeClaims;
  readonly sender: TrustedParty;
  /** Lower-case hex SHA-256 of the payload bytes: what a receipt speaks of, whatever the encryption looked like. */
  readonly payloadSha256: string;
}

/**
 * Decrypts and verifies an envelope. Everything is checked: type and algorithms of both layers, the pinned key, sender,
 * addressee, mode and every claim.
 *
 * @throws ZhidaError `ZD_ERR_ENVELOPE_UNREADABLE`, `ZD_ERR_ENVELOPE_AUDIENCE`, `ZD_ERR_PARTY_UNKNOWN`,
 * `ZD_ERR_SIGNATURE_MISMATCH`, `ZD_ERR_MODE_REFUSED` or `ZD_ERR_INPUT_TOO_LARGE`; nothing else.
 */
export async function openEnvelope({ envelope, keys, now }: OpenEnvelopeOptions): Promise<OpenedEnvelope> {
  const jws = Buffer.from(await decryptCompact(ENVELOPE, envelope, keys.encryptionKeys)).toString('latin1');
  const { claims: raw, payload } = await verifyCompact(jws, REPORT, { trusted: keys.trusted, signedAtMs: () => now });
  const claims = readEnvelopeClaims(raw);
  if (claims.aud !== keys.party)
    throw new ZhidaError('ZD_ERR_ENVELOPE_AUDIENCE', 'the envelope is addressed to another party', { at: 'aud' });
  const sender = keys.trusted.party(claims.iss);
  if (sender === undefined) throw new ZhidaError('ZD_ERR_PARTY_UNKNOWN', 'the sender is not pinned here', { at: 'iss' });
  return { payload, claims, sender, payloadSha256: sha256Hex(payload) };
}

function readEnvelopeClaims(claims: Claims): EnvelopeClaims {
  const read = claimReader(claims, UNREADABLE);
  return {
    v: read.oneOf('v', ['1']),
    // Whether our keys carry the mode is checked apart, with its own code.
    mode: read.text('mode') as PayloadMode,
    iss: read.text('iss'),
    aud: read.text('aud'),
    deliveryId: read.text('deliveryId'),
    reportId: read.text('reportId'),
    number: read.text('number'),
    sequence: read.integer('sequence', 1),
    kind: read.text('kind'),
    view: read.text('view'),
    createdAt: read.instant('createdAt'),
    body: read.object('body'),
    restricted: read.textObject('restricted'),
  };
}
