import {
  createCipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';

/** What a key is for. `restricted` opens the sealed groups of a view and belongs to agencies alone. */
export const KEY_PURPOSES = ['sig', 'enc', 'restricted'] as const;
export type KeyPurpose = (typeof KEY_PURPOSES)[number];

/** The one algorithm suite of v1: every name of an algorithm or curve is in this file, and nothing is negotiated. */
export const SIGNATURE_ALG = 'EdDSA';
export const KEY_AGREEMENT_ALG = 'ECDH-ES+A256KW';
export const CONTENT_ENC = 'A256GCM';
const CURVES = { sig: 'Ed25519', enc: 'X25519', restricted: 'X25519' } as const;
type Curve = (typeof CURVES)[KeyPurpose];

/** The public half as RFC 8037 writes it. */
export interface PublicPoint {
  readonly kty: 'OKP';
  readonly crv: Curve;
  readonly x: string;
}

export interface PrivatePoint extends PublicPoint {
  readonly d: string;
}

const COORDINATE_BYTES = 32;
const P = 2n ** 255n - 19n;

/**
 * The points of small order, by their one coordinate (sign bit aside): y on edwards25519, u on curve25519. Under such an
 * Ed25519 key anybody's signature verifies, so a receipt would prove nothing; with such an X25519 key the shared secret is
 * zero for everybody (RFC 7748 §6.1).
 */
const SMALL_ORDER: Readonly<Record<Curve, ReadonlySet<bigint>>> = {
  Ed25519: new Set([
    0n,
    1n,
    P - 1n,
    2707385501144840649318225287225658788936804267575313519463743609750303402022n,
    55188659117513257062467267217118295137698188065244968500265048394206261417927n,
  ]),
  X25519: new Set([
    0n,
    1n,
    P - 1n,
    325606250916557431795983626356110631294008115727848805560023387167927233504n,
    39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  ]),
};

/** One spelling for one key, and a key that keeps a secret. */
function isUsable(x: unknown, crv: Curve): x is string {
  if (typeof x !== 'string') return false;
  const bytes = Buffer.from(x, 'base64url');
  if (bytes.length !== COORDINATE_BYTES || bytes.toString('base64url') !== x) return false;
  const coordinate = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`) & (2n ** 255n - 1n);
  return !SMALL_ORDER[crv].has(coordinate % P);
}

/** A new key pair for a purpose. */
export function generatePoint(purpose: KeyPurpose): PrivatePoint {
  const { privateKey } = purpose === 'sig' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519');
  const { x, d } = privateKey.export({ format: 'jwk' });
  return { kty: 'OKP', crv: CURVES[purpose], x: x ?? '', d: d ?? '' };
}

/** The key id: the RFC 7638 thumbprint, so that an id names one key and no other. */
export function thumbprint({ kty, crv, x }: PublicPoint): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
}

/** The public point in a JWK of this purpose, or `undefined` when it is not one. */
export function readPublicPoint(jwk: Readonly<Record<string, unknown>>, purpose: KeyPurpose): PublicPoint | undefined {
  const { kty, crv, x } = jwk as { kty?: unknown; crv?: unknown; x?: unknown };
  if (kty !== 'OKP' || crv !== CURVES[purpose] || !isUsable(x, CURVES[purpose])) return undefined;
  return { kty, crv: CURVES[purpose], x };
}

/** The private point in a JWK of this purpose, or `undefined` when it is not one. */
export function readPrivatePoint(jwk: Readonly<Record<string, unknown>>, purpose: KeyPurpose): PrivatePoint | undefined {
  const point = readPublicPoint(jwk, purpose);
  const { d } = jwk as { d?: unknown };
  if (point === undefined || typeof d !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(d)) return undefined;
  // A private half that belongs to another public half would sign what nobody can verify.
  const { x } = createPublicKey(importPrivate({ ...point, d })).export({ format: 'jwk' });
  return x === point.x ? { ...point, d } : undefined;
}

export function importPublic({ kty, crv, x }: PublicPoint): KeyObject {
  return createPublicKey({ format: 'jwk', key: { kty, crv, x } });
}

export function importPrivate({ kty, crv, x, d }: PrivatePoint): KeyObject {
  return createPrivateKey({ format: 'jwk', key: { kty, crv, x, d } });
}

/** An Ed25519 signature over exactly these bytes. */
export function signBytes(bytes: Uint8Array, privateKey: KeyObject): Uint8Array {
  return sign(null, bytes, privateKey);
}

export function verifyBytes(bytes: Uint8Array, publicKey: KeyObject, signature: Uint8Array): boolean {
  return verify(null, bytes, publicKey, signature);
}

/** A secret agreed on with a recipient by a fresh key of our own. */
export interface Agreement {
  /** The ephemeral public key, for the header. */
  readonly epk: PublicPoint;
  /** A new content key, and the same wrapped under what both ends can compute. */
  readonly newContentKey: () => { readonly contentKey: Uint8Array; readonly wrappedKey: Uint8Array };
}

/**
 * ECDH-ES+A256KW (RFC 7518 §4.6) over X25519 (RFC 8037 §3.2). One agreement serves the messages of one act to one recipient:
 * each has a content key of its own, and AES key wrap is made for many keys under one.
 */
export function agreeWith(recipient: KeyObject): Agreement {
  const own = generateKeyPairSync('x25519');
  const secret = diffieHellman({ privateKey: own.privateKey, publicKey: recipient });
  const wrappingKey = createHash('sha256').update(KDF_ROUND).update(secret).update(KDF_OTHER_INFO).digest();
  const { x } = own.publicKey.export({ format: 'jwk' }) as { x: string };
  return {
    epk: { kty: 'OKP', crv: 'X25519', x },
    newContentKey() {
      const contentKey = randomBytes(32);
      const wrap = createCipheriv('id-aes256-wrap', wrappingKey, WRAP_IV);
      return { contentKey, wrappedKey: Buffer.concat([wrap.update(contentKey), wrap.final()]) };
    },
  };
}

/** Concat KDF (NIST SP 800-56A §5.8.1) in one round; PartyUInfo and PartyVInfo are empty, SuppPubInfo is the key's 256 bits. */
const KDF_ROUND = Buffer.from([0, 0, 0, 1]);
const KDF_OTHER_INFO = Buffer.concat([
  Buffer.from([0, 0, 0, KEY_AGREEMENT_ALG.length]),
  Buffer.from(KEY_AGREEMENT_ALG, 'ascii'),
  Buffer.alloc(8),
  Buffer.from([0, 0, 1, 0]),
]);
/** RFC 3394 §2.2.3.1. */
const WRAP_IV = Buffer.alloc(8, 0xa6);
const GCM_NONCE_BYTES = 12;

/** A256GCM (RFC 7518 §5.3). A random nonce is safe here, because every content key encrypts once. */
export function encryptContent(
  contentKey: Uint8Array,
  plaintext: Uint8Array,
  additional: Uint8Array,
): { nonce: Uint8Array; ciphertext: Uint8Array; tag: Uint8Array } {
  const nonce = randomBytes(GCM_NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', contentKey, nonce).setAAD(additional);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return { nonce, ciphertext, tag: cipher.getAuthTag() };
}
