import { type Clock, systemClock } from './clock.js';
import { invariant } from './invariant.js';

/** Prefixes of every id in the system. An id holds no `.`, no `:` and never digits alone: queues and URLs refuse those. */
export const ID_PREFIXES = [
  'rpt',
  'dlv',
  'rcp',
  'fbk',
  'prm',
  'prs',
  'att',
  'aud',
  'tkt',
  'ftm',
  'evt',
  'cal',
  'esc',
  'atn',
  'opn',
  'hnd',
] as const;
export type IdPrefix = (typeof ID_PREFIXES)[number];

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARACTERS = 10;
const RANDOM_BYTES = 10;

/** A new id: prefix, `_`, and a lower-case ULID (48 bits of time, 80 random bits), so ids of one kind sort by birth. */
export function createId(prefix: IdPrefix, clock: Clock = systemClock): string {
  return `${prefix}_${encodeTime(clock.now())}${encodeRandom(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)))}`;
}

/** True for a well-formed id of this kind. */
export function isId(prefix: IdPrefix, value: unknown): value is string {
  return typeof value === 'string' && value.length === prefix.length + 27 && new RegExp(`^${prefix}_[0-7][${CROCKFORD}]{25}$`).test(value);
}

function encodeTime(milliseconds: number): string {
  invariant(Number.isSafeInteger(milliseconds) && milliseconds >= 0 && milliseconds < 2 ** 48, 'the clock is outside the range of an id');
  let rest = milliseconds;
  let text = '';
  for (let position = 0; position < TIME_CHARACTERS; position += 1) {
    text = CROCKFORD.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function encodeRandom(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += CROCKFORD.charAt((value >>> bits) & 31);
    }
    value &= (1 << bits) - 1;
  }
  return text;
}
