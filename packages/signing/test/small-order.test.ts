import { createPublicKey, diffieHellman, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readTrustFile, type TrustFile } from '../src/index.js';
import { thumbprint } from '../src/providers/node.js';
import { makeParty, trustFileOf } from './parties.js';

const P = 2n ** 255n - 19n;
/** RFC 8032 and RFC 7748 write a coordinate as 32 bytes, least significant first; the sign bit of x is the top one. */
function encode(coordinate: bigint, sign: 0 | 1 = 0): string {
  const bytes = Buffer.from(coordinate.toString(16).padStart(64, '0'), 'hex').reverse();
  bytes[31] = (bytes[31] ?? 0) | (sign << 7);
  return bytes.toString('base64url');
}

const ED_ORDER_8 = 55188659117513257062467267217118295137698188065244968500265048394206261417927n;
const ED25519 = [0n, 1n, P - 1n, P, P + 1n, ED_ORDER_8, P - ED_ORDER_8].flatMap((y) => [encode(y), encode(y, 1)]);
const X25519 = [
  0n,
  1n,
  P - 1n,
  P,
  P + 1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
].map((u) => encode(u));

const NODE_REFUSES_SMALL_ORDER = Number.parseInt(process.versions.node, 10) >= 24;

async function withKey(index: number, crv: 'Ed25519' | 'X25519', x: string): Promise<TrustFile> {
  const file = trustFileOf(await makeParty('agency:police-440299'));
  const kid = thumbprint({ kty: 'OKP', crv, x });
  return { ...file, jwks: { keys: file.jwks.keys.map((key, position) => (position === index ? { ...key, x, kid } : key)) } };
}

describe('a public key of small order', () => {
  test('of Ed25519 verifies what nobody signed before Node 24, so the danger is real', () => {
    const anybody = Buffer.concat([Buffer.from(encode(1n), 'base64url'), Buffer.alloc(32)]);
    for (const x of ED25519) {
      const publicKey = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
      const accepted = Array.from({ length: 500 }, (_, index) => verify(null, Buffer.from(`message ${index}`), publicKey, anybody));
      expect(accepted.includes(true)).toBe(!NODE_REFUSES_SMALL_ORDER);
    }
  });

  test('INV-5 of Ed25519 is not pinned: a receipt under it would prove nothing', async () => {
    for (const x of ED25519) {
      const file = await withKey(0, 'Ed25519', x);
      expect(() => readTrustFile(file)).toThrow(expect.objectContaining({ code: 'ZD_ERR_TRUST_FILE', at: 'jwks.keys[0]' }));
    }
  });

  test('of X25519 gives no shared secret and is not pinned', async () => {
    const { privateKey } = generateKeyPairSync('x25519');
    for (const x of X25519) {
      const publicKey = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x } });
      expect(() => diffieHellman({ privateKey, publicKey })).toThrow();
      const file = await withKey(1, 'X25519', x);
      expect(() => readTrustFile(file)).toThrow(expect.objectContaining({ code: 'ZD_ERR_TRUST_FILE', at: 'jwks.keys[1]' }));
    }
  });
});

test('a key in another spelling of the same bytes is not pinned', async () => {
  const file = trustFileOf(await makeParty('agency:police-440299'));
  const x = file.jwks.keys[0]?.x ?? '';
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  // The last of 43 characters holds four bits of the key and two spare ones.
  const respelt = x.slice(0, -1) + alphabet.charAt(alphabet.indexOf(x.slice(-1)) ^ 1);
  expect(Buffer.from(respelt, 'base64url').equals(Buffer.from(x, 'base64url'))).toBe(true);
  const changed = await withKey(0, 'Ed25519', respelt);
  expect(() => readTrustFile(changed)).toThrow(expect.objectContaining({ code: 'ZD_ERR_TRUST_FILE', at: 'jwks.keys[0]' }));
});
