import { isZhidaError } from '@zhida/core';
import { type KeyDirectory, openKeyDirectory } from '@zhida/signing';
import { type CheckLine, look, right, wrong } from './check.js';

const DAY_MS = 86_400_000;
/** Time to make an appointment by telephone and to bring a new trust file. */
const SOON_DAYS = 30;

/** Opens a key directory, or says why it cannot be. */
export async function keysOf(folder: string): Promise<{ readonly keys: KeyDirectory | undefined; readonly lines: readonly CheckLine[] }> {
  try {
    const keys = await openKeyDirectory(folder);
    // Throws where none of them is in its time.
    const { notAfter } = keys.signingKey;
    const values = { party: keys.party, mode: keys.mode, count: keys.signingKeys.length, until: notAfter?.slice(0, 10) ?? '' };
    return { keys, lines: [right(notAfter === null ? 'keys' : 'keysUntil', values)] };
  } catch (error) {
    const { code, at = folder, message } = isZhidaError(error) ? error : { code: 'ZD_ERR_KEY_FILE', message: 'unreadable' };
    const line =
      code === 'ZD_ERR_KEY_MISSING'
        ? wrong('keysMissing', 'keysMissing', { at })
        : wrong('keysUnusable', 'keysUnusable', { at, why: message });
    return { keys: undefined, lines: [line] };
  }
}

/** The pinned parties: how long each may be believed. */
export function trustLines(keys: KeyDirectory, nowMs: number): CheckLine[] {
  return keys.trusted.all().map((trusted) => {
    const { party, notBefore, notAfter } = trusted;
    const days = Math.floor((Date.parse(notAfter) - nowMs) / DAY_MS);
    const values = { party, days, until: notAfter.slice(0, 10) };
    if (Date.parse(notAfter) <= nowMs || Date.parse(notBefore) > nowMs) return wrong('trustOver', 'trust', values);
    if (trusted.encKey(nowMs) === undefined) return wrong('trustWithoutKey', 'trust', values);
    return days < SOON_DAYS ? look('trustSoonOver', 'trust', values) : right('trust', values);
  });
}

/** Parties that have to be pinned and are not. */
export function missingTrustLines(keys: KeyDirectory, parties: readonly string[]): CheckLine[] {
  return parties
    .filter((party) => keys.trusted.party(party) === undefined)
    .map((party) => wrong('trustMissing', 'trustMissing', { party }));
}
