import type { KeyDirectory } from './key-directory.js';
import type { PrivateKey } from './key-file.js';
import type { KeyPurpose } from '../providers/node.js';
import { algOf, type PublicJwk, useOf } from '../trust/trust-file.js';

/** The public keys of a directory as a JWK Set (RFC 7517). Keys past their time are left out. */
export function jwksOf(keys: KeyDirectory): { readonly keys: readonly PublicJwk[] } {
  const nowMs = keys.clock.now();
  const published = (list: readonly PrivateKey[], purpose: KeyPurpose): PublicJwk[] =>
    list.filter(({ notAfter }) => notAfter === null || nowMs < Date.parse(notAfter)).map((key) => publicJwk(key, purpose));
  return {
    keys: [
      ...published(keys.signingKeys, 'sig'),
      ...published(keys.encryptionKeys, 'enc'),
      ...published(keys.restrictedKeys, 'restricted'),
    ],
  };
}

/** Written member by member from the public half, so that no private member can ride along. */
function publicJwk({ kid, publicKey, notBefore, notAfter }: PrivateKey, purpose: KeyPurpose): PublicJwk {
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const crv = purpose === 'sig' ? 'Ed25519' : 'X25519';
  return { kty: 'OKP', crv, x, kid, use: useOf(purpose), alg: algOf(purpose), purpose, notBefore, notAfter };
}
