import { createHash } from 'node:crypto';
import { type TrustFile, trustFileBytes } from './trust-file.js';

/** Crockford's base 32 has no I, L, O or U: nothing to mishear between a letter and a digit. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 160 of the 256 bits: 32 characters, and still out of reach of anyone who looks for a second file. */
const FINGERPRINT_BYTES = 20;
const GROUP = /.{4}/g;

/** What both sides read out by telephone: eight groups of four characters over the file's JCS bytes, its signature left out. */
export function trustFingerprint(file: TrustFile): string {
  const digest = createHash('sha256').update(trustFileBytes(file)).digest().subarray(0, FINGERPRINT_BYTES);
  let value = BigInt(`0x${digest.toString('hex')}`);
  let text = '';
  for (let position = 0; position < (FINGERPRINT_BYTES * 8) / 5; position += 1) {
    text = ALPHABET.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return (text.match(GROUP) ?? []).join('-');
}

/** True when the text typed from the telephone is this file's fingerprint; case, spaces, dashes and O/0, I/L/1 do not matter. */
export function matchesFingerprint(file: TrustFile, typed: string): boolean {
  return plain(typed) === plain(trustFingerprint(file));
}

function plain(text: string): string {
  return text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
}
