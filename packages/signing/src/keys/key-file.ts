import type { KeyObject } from 'node:crypto';
import { ZhidaError, isRecord } from '@zhida/core';
import { KEY_MODES, type KeyMode } from '../mode.js';
import { PARTY_ROLES, type PartyRole, roleOfParty } from '../party.js';
import {
  generatePoint,
  importPrivate,
  importPublic,
  KEY_PURPOSES,
  type KeyPurpose,
  type PrivatePoint,
  readPrivatePoint,
  thumbprint,
} from '../providers/node.js';
import { instantMs, type Window } from '../time.js';

/** One private key as `keys.json` holds it. */
export interface StoredKey extends Window, PrivatePoint {
  readonly kid: string;
  readonly purpose: KeyPurpose;
}

/** The text of `keys.json`: who we are, and our private keys oldest first. */
export interface KeyFile {
  readonly v: '1';
  readonly party: string;
  readonly role: PartyRole;
  readonly mode: KeyMode;
  readonly keys: readonly StoredKey[];
}

/** A private key in use; `publicKey` is its other half. */
export interface PrivateKey extends Window {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The keys every party of a role has: all sign, all can be written to, and an agency alone opens restricted groups. */
export function purposesOf(role: PartyRole): readonly KeyPurpose[] {
  return role === 'agency' ? KEY_PURPOSES : ['sig', 'enc'];
}

export function generateKey(purpose: KeyPurpose, notBefore: string | null): StoredKey {
  const point = generatePoint(purpose);
  return { ...point, kid: thumbprint(point), purpose, notBefore, notAfter: null };
}

export function importKey(key: StoredKey): PrivateKey {
  const { kid, notBefore, notAfter } = key;
  return { kid, notBefore, notAfter, privateKey: importPrivate(key), publicKey: importPublic(key) };
}

/**
 * Reads the text of `keys.json`.
 *
 * @throws ZhidaError `ZD_ERR_KEY_FILE` at the first member that is not as written here; the message holds no value.
 */
export function readKeyFile(text: string): KeyFile {
  const file = parse(text);
  const role = PARTY_ROLES.find((known) => known === file['role']);
  const mode = KEY_MODES.find((known) => known === file['mode']);
  const party = file['party'];
  if (file['v'] !== '1') throw invalid('v');
  if (role === undefined) throw invalid('role');
  if (mode === undefined) throw invalid('mode');
  if (typeof party !== 'string' || roleOfParty(party) !== role) throw invalid('party');
  if (!Array.isArray(file['keys'])) throw invalid('keys');
  const keys = file['keys'].map((key: unknown, index) => readKey(key, `keys[${index}]`));
  for (const purpose of purposesOf(role)) {
    // One key without an end, so that no date ever leaves this party mute.
    if (!keys.some((key) => key.purpose === purpose && key.notAfter === null)) throw invalid(`keys (${purpose})`);
  }
  return { v: '1', party, role, mode, keys };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The cause is left out: the message of a JSON error quotes the text, and the text is a private key.
    throw new ZhidaError('ZD_ERR_KEY_FILE', 'keys.json is not JSON', { at: 'keys.json' });
  }
  if (!isRecord(value)) throw invalid('$');
  return value;
}

function readKey(value: unknown, at: string): StoredKey {
  if (!isRecord(value)) throw invalid(at);
  const purpose = KEY_PURPOSES.find((known) => known === value['purpose']);
  if (purpose === undefined) throw invalid(`${at}.purpose`);
  const point = readPrivatePoint(value, purpose);
  if (point === undefined || value['kid'] !== thumbprint(point)) throw invalid(at);
  const { notBefore, notAfter } = value as { notBefore?: unknown; notAfter?: unknown };
  if (!isInstantOrNull(notBefore) || !isInstantOrNull(notAfter)) throw invalid(at);
  return { ...point, kid: thumbprint(point), purpose, notBefore, notAfter };
}

function isInstantOrNull(value: unknown): value is string | null {
  return value === null || instantMs(value) !== undefined;
}

function invalid(at: string): ZhidaError {
  return new ZhidaError('ZD_ERR_KEY_FILE', 'keys.json is not a key file of this version', { at: `keys.json ${at}` });
}
