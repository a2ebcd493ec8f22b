import { type Mode, ZhidaError } from '@zhida/core';

/** What a set of keys is for. A `production` and a `test` set trust nothing of each other (design: INV-16). */
export const KEY_MODES = ['production', 'test'] as const;
export type KeyMode = (typeof KEY_MODES)[number];

/** What a signed payload may be: `exercise` travels over a production key set; `training` never leaves the gateway. */
export type PayloadMode = Exclude<Mode, 'training'>;

/** The payload modes a key set signs and takes. */
const CARRIED: Readonly<Record<KeyMode, readonly string[]>> = { production: ['production', 'exercise'], test: ['test'] };

/** True when a payload of this mode may be signed with, or taken under, keys of `keyMode`. */
export function carriesMode(keyMode: KeyMode, payloadMode: unknown): payloadMode is PayloadMode {
  return typeof payloadMode === 'string' && CARRIED[keyMode].includes(payloadMode);
}

/** @throws ZhidaError `ZD_ERR_MODE_REFUSED` when keys of `keyMode` do not carry the payload's mode, or it names none. */
export function requireMode(keyMode: KeyMode, payloadMode: unknown): asserts payloadMode is PayloadMode {
  if (!carriesMode(keyMode, payloadMode))
    throw new ZhidaError('ZD_ERR_MODE_REFUSED', `${keyMode} keys do not carry this mode`, { at: 'mode' });
}
