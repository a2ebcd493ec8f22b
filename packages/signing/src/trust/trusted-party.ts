import type { KeyObject } from 'node:crypto';
import type { KeyMode } from '../mode.js';
import type { PartyRole } from '../party.js';
import { importPublic, type KeyPurpose } from '../providers/node.js';
import { currentOf, inWindow, type Window } from '../time.js';
import type { PublicJwk, TrustFile } from './trust-file.js';

/** A pinned public key of another party. */
export interface PublicKey extends Window {
  readonly kid: string;
  readonly publicKey: KeyObject;
}

/** Another party as its pinned trust file describes it. Keys are never fetched while serving. */
export interface TrustedParty extends Window {
  readonly party: string;
  readonly role: PartyRole;
  readonly mode: KeyMode;
  readonly baseUrl: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly sigKeys: readonly PublicKey[];
  /** The key to encrypt an envelope to at this instant (ms), or `undefined` when none is in its time: the delivery is held and someone is called. */
  encKey(nowMs: number): PublicKey | undefined;
  /** The key to seal restricted groups to; agencies alone have one. */
  restrictedKey(nowMs: number): PublicKey | undefined;
  readonly file: TrustFile;
}

export function trustedParty(file: TrustFile): TrustedParty {
  const { party, role, mode, baseUrl, notBefore, notAfter } = file;
  const keysFor = (purpose: KeyPurpose): PublicKey[] => file.jwks.keys.filter((key) => key.purpose === purpose).map(importJwk);
  const encKeys = keysFor('enc');
  const restrictedKeys = keysFor('restricted');
  const current = (keys: readonly PublicKey[], nowMs: number): PublicKey | undefined =>
    inWindow(file, nowMs) ? currentOf(keys, nowMs) : undefined;
  return {
    party,
    role,
    mode,
    baseUrl,
    notBefore,
    notAfter,
    file,
    sigKeys: keysFor('sig'),
    encKey: (nowMs) => current(encKeys, nowMs),
    restrictedKey: (nowMs) => current(restrictedKeys, nowMs),
  };
}

function importJwk(jwk: PublicJwk): PublicKey {
  const { kid, notBefore, notAfter } = jwk;
  return { kid, notBefore, notAfter, publicKey: importPublic(jwk) };
}

/**
 * The pinned signing keys of a party that were in their time at an instant; those of a lapsed trust file are none. When the
 * file begins does not matter: a receipt signed last week is still proof under the file that came today.
 */
export function sigKeysAt(sender: Pick<TrustedParty, 'sigKeys' | 'notAfter'>, atMs: number): readonly PublicKey[] {
  return atMs < Date.parse(sender.notAfter) ? sender.sigKeys.filter((key) => inWindow(key, atMs)) : [];
}
