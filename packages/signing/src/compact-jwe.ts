import { ZhidaError } from '@zhida/core';
import { compactDecrypt } from 'jose';
import { readHeader, splitCompact } from './compact.js';
import type { PrivateKey } from './keys/key-file.js';
import { type Agreement, agreeWith, CONTENT_ENC, encryptContent, KEY_AGREEMENT_ALG } from './providers/node.js';
import type { PublicKey } from './trust/trusted-party.js';

/**
 * The longest JWE taken, in characters: a report of 1 MiB grows by a third at each of three base64url layers (restricted
 * group, JWS, JWE), and the rest is claims and headers.
 */
export const JWE_LENGTH_MAX = 4 * 1024 * 1024;

const UNREADABLE = 'ZD_ERR_ENVELOPE_UNREADABLE';

/** The fixed header members that tell one kind of JWE from another. */
export interface JweKind {
  readonly typ: string;
  readonly cty: string;
}

/**
 * Seals to one key, in this thread: a press waits for four of these, and by way of WebCrypto each costs seven times as much
 * (docs/adr/0007). Opening is jose's work, and so is saying in the tests that what is written here is a JWE.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_TOO_LARGE` when the result is over {@link JWE_LENGTH_MAX}, which nobody would open.
 */
export function encryptCompact(kind: JweKind, plaintext: Uint8Array, key: PublicKey): string {
  return encrypterTo(kind, key)(plaintext);
}

/** Seals several messages of one kind to one key, all under one agreement. Each is a JWE of its own. */
export function encrypterTo(kind: JweKind, { kid, publicKey }: PublicKey): (plaintext: Uint8Array) => string {
  const agreement = agreeWith(publicKey);
  return (plaintext) => encryptUnder(agreement, { ...kind, kid }, plaintext);
}

function encryptUnder({ epk, newContentKey }: Agreement, named: JweKind & { kid: string }, plaintext: Uint8Array): string {
  const { contentKey, wrappedKey } = newContentKey();
  const header = base64url(JSON.stringify({ alg: KEY_AGREEMENT_ALG, enc: CONTENT_ENC, ...named, epk }));
  // RFC 7516 §5.1 step 14: the additional authenticated data is the encoded header.
  const { nonce, ciphertext, tag } = encryptContent(contentKey, plaintext, Buffer.from(header, 'ascii'));
  const jwe = [header, ...[wrappedKey, nonce, ciphertext, tag].map(base64url)].join('.');
  requireLength(jwe);
  return jwe;
}

function base64url(bytes: string | Uint8Array): string {
  return Buffer.from(bytes as Uint8Array).toString('base64url');
}

function requireLength(jwe: string): void {
  if (jwe.length > JWE_LENGTH_MAX) throw new ZhidaError('ZD_ERR_INPUT_TOO_LARGE', 'the sealed message is over the limit');
}

/**
 * Opens a compact JWE with whichever of our keys it names, one past its time too: what is here is not turned away.
 *
 * @throws ZhidaError `ZD_ERR_ENVELOPE_UNREADABLE` when it is malformed, of another kind, for another key, or was changed;
 * `ZD_ERR_INPUT_TOO_LARGE` over {@link JWE_LENGTH_MAX}.
 */
export async function decryptCompact(kind: JweKind, jwe: string, keys: readonly PrivateKey[]): Promise<Uint8Array> {
  requireLength(jwe);
  const [header] = splitCompact(jwe, 5, UNREADABLE);
  const kid = readHeader(header, { alg: KEY_AGREEMENT_ALG, enc: CONTENT_ENC, typ: kind.typ, cty: kind.cty }, UNREADABLE);
  const key = keys.find((candidate) => candidate.kid === kid);
  if (key === undefined) throw new ZhidaError(UNREADABLE, 'it is encrypted to a key that is not ours', { at: 'kid' });
  try {
    const { plaintext } = await compactDecrypt(jwe, key.privateKey, {
      keyManagementAlgorithms: [KEY_AGREEMENT_ALG],
      contentEncryptionAlgorithms: [CONTENT_ENC],
    });
    return plaintext;
  } catch (cause) {
    throw new ZhidaError(UNREADABLE, 'it cannot be decrypted: it was changed on the way', { cause });
  }
}
