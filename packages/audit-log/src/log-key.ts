import { type JsonWebKey, KeyObject, createPrivateKey, createPublicKey, hash, type webcrypto } from 'node:crypto';
import { ZhidaError, isRecord } from '@zhida/core';

/** Signature type byte of Ed25519 in C2SP signed notes. */
const ED25519 = 0x01;
const KEY_ID_BYTES = 4;
const RAW_KEY_BYTES = 32;

/** An Ed25519 private key in any of the forms a key store holds it. */
export type LogPrivateKey = KeyObject | webcrypto.CryptoKey | JsonWebKey;

/** Who signs checkpoints. `name` should be the origin of the log: no white space, no `+`. */
export interface CheckpointSigner {
  name: string;
  privateKey: LogPrivateKey;
}

/** A key a verifier trusts. Without `name` (a JWK carries none) it vouches under whatever name its signature gives. */
export interface LogPublicKey {
  name: string | undefined;
  /** The 32 bytes of RFC 8032. */
  raw: Uint8Array;
  key: KeyObject;
}

/** The private key as Node signs with it. @throws ZhidaError `ZD_ERR_KEY_FILE` when it is not an Ed25519 private key. */
export function privateKeyObject(input: LogPrivateKey): KeyObject {
  let key: KeyObject;
  try {
    if (input instanceof KeyObject) key = input;
    else if ('algorithm' in input && 'extractable' in input) key = KeyObject.from(input as webcrypto.CryptoKey);
    else key = createPrivateKey({ key: input as JsonWebKey, format: 'jwk' });
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_KEY_FILE', 'the log key cannot be read', { cause });
  }
  if (key.type !== 'private' || key.asymmetricKeyType !== 'ed25519') {
    throw new ZhidaError('ZD_ERR_KEY_FILE', 'the log key is not an Ed25519 private key');
  }
  return key;
}

/** The public half of a signer, under the signer's name. */
export function publicKeyOfSigner(signer: CheckpointSigner): LogPublicKey {
  return publicKey(createPublicKey(privateKeyObject(signer.privateKey)), checkKeyName(signer.name));
}

/** A public key from a JWK of `kty` OKP and `crv` Ed25519. @throws ZhidaError `ZD_ERR_KEY_FILE` for any other. */
export function publicKeyFromJwk(jwk: JsonWebKey, name?: string): LogPublicKey {
  if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519' || typeof jwk.x !== 'string') {
    throw new ZhidaError('ZD_ERR_KEY_FILE', 'the key is not an Ed25519 JWK');
  }
  try {
    return publicKey(createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: jwk.x }, format: 'jwk' }), name);
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_KEY_FILE', 'the Ed25519 JWK cannot be read', { cause });
  }
}

/** Key id of C2SP signed notes: SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), first four bytes. */
export function noteKeyId(name: string, raw: Uint8Array): Uint8Array {
  const input = Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), Uint8Array.of(ED25519), raw]);
  return hash('sha256', input, 'buffer').subarray(0, KEY_ID_BYTES);
}

/** The verifier key as text, `name+keyid+base64(0x01 ‖ public key)`: short enough for a letter. */
export function formatVkey(name: string, key: LogPublicKey): string {
  const id = Buffer.from(noteKeyId(name, key.raw)).toString('hex');
  return `${checkKeyName(name)}+${id}+${Buffer.concat([Uint8Array.of(ED25519), key.raw]).toString('base64')}`;
}

/** Reads a C2SP verifier key. @throws ZhidaError `ZD_ERR_KEY_FILE` when a part is missing or the key id does not fit the key. */
export function parseVkey(text: string): LogPublicKey {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u.exec(text.trim());
  const [, name = '', id = '', encoded = ''] = match ?? [];
  const typed = Buffer.from(encoded, 'base64');
  if (match === null || typed.length !== 1 + RAW_KEY_BYTES || typed[0] !== ED25519) {
    throw new ZhidaError('ZD_ERR_KEY_FILE', 'this is not an Ed25519 verifier key (name+keyid+base64)');
  }
  const raw = typed.subarray(1);
  if (Buffer.from(noteKeyId(name, raw)).toString('hex') !== id) {
    throw new ZhidaError('ZD_ERR_KEY_FILE', 'the key id of the verifier key does not fit its key');
  }
  return publicKeyFromJwk({ kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, name);
}

/**
 * Reads the Ed25519 keys out of a text somebody was handed: a verifier key, a JWK, a JWK set, or a trust file with `jwks`.
 * Encryption keys beside them are passed over.
 *
 * @throws ZhidaError `ZD_ERR_KEY_FILE` when it is none of these, `ZD_ERR_KEY_MISSING` when no Ed25519 key is in it.
 */
export function readPublicKeys(text: string): LogPublicKey[] {
  if (!text.trimStart().startsWith('{')) return [parseVkey(text)];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // No cause: a JSON error quotes what it read, and somebody may have given a private key.
    throw new ZhidaError('ZD_ERR_KEY_FILE', 'the key file is not JSON');
  }
  const keys = jwksIn(value)
    .filter((jwk) => jwk.crv === 'Ed25519' && (jwk['use'] === undefined || jwk['use'] === 'sig'))
    .map((jwk) => publicKeyFromJwk(jwk));
  if (keys.length === 0) throw new ZhidaError('ZD_ERR_KEY_MISSING', 'the file holds no Ed25519 signature key');
  return keys;
}

/** Refuses names a signature line cannot carry (C2SP signed-note). @throws ZhidaError `ZD_ERR_OPTION_INVALID`. */
export function checkKeyName(name: string): string {
  if (name === '' || /[\s+]/u.test(name) || Array.from(name).some((character) => character < ' ')) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'a key name has no white space, no + and is not empty', { at: 'signer.name' });
  }
  return name;
}

function publicKey(key: KeyObject, name: string | undefined): LogPublicKey {
  return { name, key, raw: Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url') };
}

function jwksIn(value: unknown): JsonWebKey[] {
  if (!isRecord(value)) return [];
  if (typeof value['kty'] === 'string') return [value];
  if (isRecord(value['jwks'])) return jwksIn(value['jwks']);
  return Array.isArray(value['keys']) ? value['keys'].filter((item): item is JsonWebKey => isRecord(item)) : [];
}
