import { ZhidaError, type ZhidaErrorCode } from '@zhida/core';
import type { Claims } from './claims.js';
import { decodeObject, readHeader, splitCompact } from './compact.js';
import type { KeyDirectory } from './keys/key-directory.js';
import { requireMode } from './mode.js';
import type { PartyRole } from './party.js';
import { SIGNATURE_ALG, signBytes, verifyBytes } from './providers/node.js';
import { sigKeysAt, type TrustedParty } from './trust/trusted-party.js';
import type { TrustStore } from './trust/trust-store.js';

/** The longest receipt, feedback, ticket or assertion, in characters; an envelope's limit is that of its JWE. */
export const STATEMENT_LENGTH_MAX = 64 * 1024;

/** Every signed message of v1: its `typ`, who may sign it, the code under which a malformed one is refused, and its limit. */
export interface MessageKind {
  readonly typ: string;
  readonly roles: readonly PartyRole[];
  readonly unreadable: ZhidaErrorCode;
  readonly lengthMax: number;
}

/** A sender's keys: a pinned party, or ourselves where a party checks what it has signed. */
export type Sender = Pick<TrustedParty, 'party' | 'role' | 'sigKeys' | 'notAfter'>;

/**
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` when the claims speak for another party, `ZD_ERR_MODE_REFUSED` when these keys do
 * not carry their mode, `ZD_ERR_INPUT_TOO_LARGE` when nobody would take a message of this length.
 */
export async function signCompact(
  kind: MessageKind,
  payload: Uint8Array,
  claims: { iss: unknown; mode: unknown },
  keys: KeyDirectory,
): Promise<string> {
  if (!kind.roles.includes(keys.role)) throw new ZhidaError('ZD_ERR_OPTION_INVALID', `a ${keys.role} does not sign this`, { at: 'role' });
  if (claims.iss !== keys.party) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'a party signs in its own name alone', { at: 'iss' });
  requireMode(keys.mode, claims.mode);
  const { kid, privateKey } = keys.signingKey;
  const header = Buffer.from(JSON.stringify({ alg: SIGNATURE_ALG, typ: kind.typ, kid })).toString('base64url');
  const signed = `${header}.${Buffer.from(payload).toString('base64url')}`;
  const jws = `${signed}.${Buffer.from(signBytes(Buffer.from(signed, 'ascii'), privateKey)).toString('base64url')}`;
  requireLength(kind, jws);
  return jws;
}

function requireLength({ lengthMax }: MessageKind, jws: string): void {
  if (jws.length > lengthMax) throw new ZhidaError('ZD_ERR_INPUT_TOO_LARGE', 'the signed message is over the limit');
}

export interface VerifyCompactOptions {
  readonly trusted: TrustStore;
  /** The instant (ms) at which the signing key must have been in its time, taken from the claims or the clock. */
  signedAtMs(claims: Claims): number;
  /** Takes the place of the pinned party of the same name. */
  readonly self?: KeyDirectory | undefined;
}

/**
 * Verifies a compact JWS of one kind under the pinned keys of the party that `iss` names, and its mode under ours.
 *
 * @throws ZhidaError the kind's own code when it is malformed, `ZD_ERR_PARTY_UNKNOWN` when nobody we pinned may send it,
 * `ZD_ERR_SIGNATURE_MISMATCH` when no key of that party signed it, `ZD_ERR_MODE_REFUSED` when it is of another mode,
 * `ZD_ERR_INPUT_TOO_LARGE` over the limit of its kind.
 */
export async function verifyCompact(
  jws: string,
  kind: MessageKind,
  options: VerifyCompactOptions,
): Promise<{ claims: Claims; sender: Sender; payload: Uint8Array }> {
  requireLength(kind, jws);
  const [header, body, signature] = splitCompact(jws, 3, kind.unreadable);
  const kid = readHeader(header, { alg: SIGNATURE_ALG, typ: kind.typ }, kind.unreadable);
  const claims = decodeObject(body, 'payload', kind.unreadable);
  const sender = senderOf(claims['iss'], kind, options);
  const key = sigKeysAt(sender, options.signedAtMs(claims)).find((candidate) => candidate.kid === kid);
  if (key === undefined)
    throw new ZhidaError('ZD_ERR_SIGNATURE_MISMATCH', 'the key is not pinned for this party at this time', { at: 'kid' });
  // RFC 7515 §5.2: what is signed are the two parts as they came. Type, algorithm and key were pinned down above.
  const signed = Buffer.from(`${header}.${body}`, 'ascii');
  if (!verifyBytes(signed, key.publicKey, Buffer.from(signature ?? '', 'base64url')))
    throw new ZhidaError('ZD_ERR_SIGNATURE_MISMATCH', 'the pinned key did not sign this');
  requireMode(options.trusted.owner.mode, claims['mode']);
  return { claims, sender, payload: Buffer.from(body ?? '', 'base64url') };
}

function senderOf(iss: unknown, kind: MessageKind, { trusted, self }: VerifyCompactOptions): Sender {
  const pinned = self !== undefined && self.party === iss ? ownKeys(self) : typeof iss === 'string' ? trusted.party(iss) : undefined;
  if (pinned === undefined) throw new ZhidaError('ZD_ERR_PARTY_UNKNOWN', 'the sender is not pinned here', { at: 'iss' });
  if (!kind.roles.includes(pinned.role)) {
    throw new ZhidaError('ZD_ERR_PARTY_UNKNOWN', `a ${pinned.role} does not sign this`, { at: 'iss' });
  }
  return pinned;
}

/** Our own keys have no trust file to lapse. */
function ownKeys({ party, role, signingKeys }: KeyDirectory): Sender {
  return { party, role, sigKeys: signingKeys, notAfter: '9999-12-31T23:59:59Z' };
}
