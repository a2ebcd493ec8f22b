import type { PrivateKey } from '../keys/key-file.js';
import { SIGNATURE_ALG, signBytes, verifyBytes } from '../providers/node.js';
import { type TrustFile, trustFileBytes } from './trust-file.js';
import { sigKeysAt, type TrustedParty } from './trusted-party.js';

const TYP = 'zhida-trust+jws';

/** Signs a trust file: a compact JWS with its payload left out (RFC 7515 appendix F), because the file itself is the payload. */
export function signTrustFile(file: TrustFile, { kid, privateKey }: PrivateKey): string {
  const header = base64url(JSON.stringify({ alg: SIGNATURE_ALG, typ: TYP, kid }));
  return `${header}..${base64url(signBytes(signingInput(header, file), privateKey))}`;
}

/** True when a signing key now pinned for this very party signed the file. */
export function isSignedByPinned(file: TrustFile, pinned: TrustedParty, nowMs: number): boolean {
  const [header = '', payload, signature = '', ...rest] = (file.signature ?? '').split('.');
  const bytes = Buffer.from(signature, 'base64url');
  if (payload !== '' || rest.length > 0 || bytes.toString('base64url') !== signature) return false;
  return sigKeysAt(pinned, nowMs).some(
    // The whole header is fixed for a given key, so it is compared and not interpreted.
    ({ kid, publicKey }) =>
      header === base64url(JSON.stringify({ alg: SIGNATURE_ALG, typ: TYP, kid })) &&
      verifyBytes(signingInput(header, file), publicKey, bytes),
  );
}

function signingInput(header: string, file: TrustFile): Uint8Array {
  return Buffer.from(`${header}.${base64url(trustFileBytes(file))}`, 'ascii');
}

function base64url(bytes: string | Uint8Array): string {
  return Buffer.from(bytes as Uint8Array).toString('base64url');
}
