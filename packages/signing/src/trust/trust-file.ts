import { canonicalBytes, isZhidaError, ZhidaError, isRecord } from '@zhida/core';
import type { Claims } from '../claims.js';
import { purposesOf } from '../keys/key-file.js';
import { KEY_MODES, type KeyMode } from '../mode.js';
import { PARTY_ROLES, type PartyRole, roleOfParty } from '../party.js';
import {
  KEY_AGREEMENT_ALG,
  KEY_PURPOSES,
  type KeyPurpose,
  type PublicPoint,
  readPublicPoint,
  SIGNATURE_ALG,
  thumbprint,
} from '../providers/node.js';
import { instantMs, type Window } from '../time.js';

/** A public key as a trust file and `/.well-known/jwks.json` show it (RFC 7517, RFC 8037). */
export interface PublicJwk extends PublicPoint, Window {
  readonly kid: string;
  readonly use: 'sig' | 'enc';
  readonly alg: string;
  readonly purpose: KeyPurpose;
}

/** What a party hands to another so that both can meet. It holds nothing secret; its fingerprint is read out by telephone. */
export interface TrustFile {
  readonly v: '1';
  readonly party: string;
  readonly role: PartyRole;
  readonly mode: KeyMode;
  /** Where the party listens: http or https, no trailing slash. A path in it is kept: a call goes to `baseUrl` + `/v1/…`. */
  readonly baseUrl: string;
  readonly jwks: { readonly keys: readonly PublicJwk[] };
  /** RFC 3339 with offset. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Detached JWS over the JCS bytes of the other members, by the party's oldest signing key still in use: it lets a rotation be taken without a telephone. */
  readonly signature?: string;
}

/** Members only a private or a symmetric JWK has (RFC 7518 §6, RFC 8037 §2). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** The bytes that the fingerprint and the signature speak of: everything but the signature itself. */
export function trustFileBytes(file: TrustFile): Uint8Array {
  const { signature: _, ...signed } = file;
  return canonicalBytes(signed);
}

/**
 * Reads a trust file from parsed JSON. Unknown members are kept, because fingerprint and signature cover them; keys of a
 * purpose this version does not know are kept and not used.
 *
 * @throws ZhidaError `ZD_ERR_TRUST_FILE` naming the first member that is wrong, a private key among them.
 */
export function readTrustFile(input: unknown): TrustFile {
  if (!isRecord(input)) throw wrong('$');
  const role = PARTY_ROLES.find((known) => known === input['role']);
  if (input['v'] !== '1') throw wrong('v');
  if (role === undefined) throw wrong('role');
  if (roleOfParty(input['party']) !== role) throw wrong('party');
  if (!KEY_MODES.some((known) => known === input['mode'])) throw wrong('mode');
  if (typeof input['baseUrl'] !== 'string' || normalBaseUrl(input['baseUrl']) !== input['baseUrl']) throw wrong('baseUrl');
  requireWindow(input);
  if (input['signature'] !== undefined && typeof input['signature'] !== 'string') throw wrong('signature');
  requireKeys(input['jwks'], role);
  requireCanonical(input);
  return input as unknown as TrustFile;
}

/** What has no one spelling (a lone surrogate, a number past all bounds, a tower of lists) has no fingerprint either. */
function requireCanonical(file: Claims): void {
  try {
    canonicalBytes(file);
  } catch (cause) {
    throw isZhidaError(cause) ? new ZhidaError('ZD_ERR_TRUST_FILE', 'the file has no canonical form', { at: '$', cause }) : cause;
  }
}

function requireWindow(file: Claims): void {
  const notBefore = instantMs(file['notBefore']);
  const notAfter = instantMs(file['notAfter']);
  if (notBefore === undefined) throw wrong('notBefore');
  if (notAfter === undefined || notAfter <= notBefore) throw wrong('notAfter');
}

function requireKeys(jwks: unknown, role: PartyRole): void {
  const keys = isRecord(jwks) ? jwks['keys'] : undefined;
  if (!Array.isArray(keys)) throw wrong('jwks.keys');
  const seen = new Set<string>();
  keys.forEach((key: unknown, index) => {
    const at = `jwks.keys[${index}]`;
    if (!isRecord(key)) throw wrong(at);
    if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(key, member))) {
      throw new ZhidaError('ZD_ERR_TRUST_FILE', 'the file holds a private key: tell its owner, who must make new keys', { at });
    }
    const purpose = KEY_PURPOSES.find((known) => known === key['purpose']);
    if (purpose !== undefined) requireKey(key, purpose, at);
    const kid = String(key['kid']);
    if (seen.has(kid)) throw wrong(`${at}.kid`);
    seen.add(kid);
  });
  for (const purpose of purposesOf(role)) {
    if (!keys.some((key: unknown) => isRecord(key) && key['purpose'] === purpose)) throw wrong(`jwks.keys (${purpose})`);
  }
}

function requireKey(key: Claims, purpose: KeyPurpose, at: string): void {
  const point = readPublicPoint(key, purpose);
  if (point === undefined) throw wrong(at);
  if (key['kid'] !== thumbprint(point)) throw wrong(`${at}.kid`);
  if (key['use'] !== useOf(purpose) || key['alg'] !== algOf(purpose)) throw wrong(`${at}.alg`);
  for (const side of ['notBefore', 'notAfter']) {
    if (key[side] !== null && instantMs(key[side]) === undefined) throw wrong(`${at}.${side}`);
  }
}

/** RFC 7517 §4.2: what the public half is used for. */
export function useOf(purpose: KeyPurpose): 'sig' | 'enc' {
  return purpose === 'sig' ? 'sig' : 'enc';
}

export function algOf(purpose: KeyPurpose): string {
  return purpose === 'sig' ? SIGNATURE_ALG : KEY_AGREEMENT_ALG;
}

/** An http(s) URL without credentials, query or fragment, its trailing slash taken off; `undefined` for any other text. */
export function normalBaseUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') return undefined;
  if (url.search !== '' || url.hash !== '' || text.includes('?') || text.includes('#')) return undefined;
  return url.href.replace(/\/+$/, '');
}

function wrong(at: string): ZhidaError {
  return new ZhidaError('ZD_ERR_TRUST_FILE', 'this is not a trust file of version 1', { at });
}
