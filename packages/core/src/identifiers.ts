import { parsePartialDate } from './calendar.js';
import type { Sex } from './codes.js';

/** What a resident identity number says of its holder, or which part of it is wrong. */
export type ResidentIdCheck =
  | { readonly valid: true; readonly birthDate: string; readonly sex: Extract<Sex, 'male' | 'female'> }
  | { readonly valid: false; readonly reason: 'form' | 'birth-date' | 'check-digit' };

const RESIDENT_ID = /^[1-9]\d{16}[\dX]$/;
const RESIDENT_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const RESIDENT_CHECK = '10X98765432';

const USCC_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const USCC = /^[0-9A-HJ-NPQRTUWXY]{18}$/;
const USCC_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28] as const;

/**
 * Checks an 18-character 公民身份号码 (GB 11643-1999, also the 港澳台居住证 numbers 81–83): form, a birth date that exists, check digit.
 *
 * The region in front is where the number was first given out, not where the holder lives: never route on it. A lower-case
 * `x` and spaces around are accepted. A wrong number warns, it never blocks a report (INV-9).
 */
export function checkResidentId(value: string): ResidentIdCheck {
  const id = value.trim().toUpperCase();
  if (!RESIDENT_ID.test(id)) return { valid: false, reason: 'form' };
  const birthDate = `${id.slice(6, 10)}-${id.slice(10, 12)}-${id.slice(12, 14)}`;
  if (parsePartialDate(birthDate) === undefined) return { valid: false, reason: 'birth-date' };
  if (RESIDENT_CHECK.charAt(weightedSum(id, '0123456789', RESIDENT_WEIGHTS) % 11) !== id.charAt(17)) {
    return { valid: false, reason: 'check-digit' };
  }
  return { valid: true, birthDate, sex: Number(id.charAt(16)) % 2 === 1 ? 'male' : 'female' };
}

/**
 * Checks a 统一社会信用代码 (GB 32100-2015). Its alphabet leaves out I, O, S, V and Z, so a letter's value is its place in that
 * alphabet and not its distance from `A`.
 */
export function checkUscc(value: string): boolean {
  const code = value.trim().toUpperCase();
  if (!USCC.test(code)) return false;
  const check = (31 - (weightedSum(code, USCC_ALPHABET, USCC_WEIGHTS) % 31)) % 31;
  return USCC_ALPHABET.charAt(check) === code.charAt(17);
}

function weightedSum(text: string, alphabet: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, index) => sum + weight * alphabet.indexOf(text.charAt(index)), 0);
}
