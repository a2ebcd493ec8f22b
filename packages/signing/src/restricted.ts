import { canonicalBytes, type Json, ZhidaError } from '@zhida/core';
import { decryptCompact, encrypterTo } from './compact-jwe.js';
import type { KeyDirectory } from './keys/key-directory.js';
import type { TrustedParty } from './trust/trusted-party.js';

const RESTRICTED = { typ: 'zhida-restricted+jwe', cty: 'json' };

/**
 * Seals the restricted groups of a view (INV-10) to the agency's `restricted` key valid now, each as a compact JWE of its own.
 * They are rendered into the payload, so the envelope's signature covers them.
 *
 * @throws ZhidaError `ZD_ERR_KEY_MISSING` when the recipient has no such key in its time.
 */
export function sealRestrictedGroups(
  groups: Readonly<Record<string, Json>>,
  recipient: TrustedParty,
  nowMs: number,
): Record<string, string> {
  const key = recipient.restrictedKey(nowMs);
  if (key === undefined)
    throw new ZhidaError('ZD_ERR_KEY_MISSING', 'the recipient has no restricted key in its time', { at: 'restricted' });
  const encrypt = encrypterTo(RESTRICTED, key);
  return Object.fromEntries(Object.entries(groups).map(([group, value]) => [group, encrypt(canonicalBytes(value))]));
}

/** Seals one group alone. @throws ZhidaError as {@link sealRestrictedGroups} does */
export async function sealRestricted(value: Json, recipient: TrustedParty, nowMs: number): Promise<string> {
  return sealRestrictedGroups({ group: value }, recipient, nowMs)['group'] ?? '';
}

/**
 * Opens one restricted group. The caller asks for a named officer and a reason first, and logs both.
 *
 * @throws ZhidaError `ZD_ERR_ENVELOPE_UNREADABLE` when it is not such a group, is sealed to a key that is not ours, or was changed.
 */
export async function openRestricted(jwe: string, keys: KeyDirectory): Promise<Json> {
  const plaintext = await decryptCompact(RESTRICTED, jwe, keys.restrictedKeys);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plaintext)) as Json;
  } catch {
    throw new ZhidaError('ZD_ERR_ENVELOPE_UNREADABLE', 'the restricted group is not JSON', { at: 'restricted' });
  }
}
