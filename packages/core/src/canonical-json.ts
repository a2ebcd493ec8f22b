import { ZhidaError } from './errors.js';

/** With the `u` flag a paired surrogate is one code point, so this finds only lone ones. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Deeper than any record of this system, shallow enough for the stack of a browser. */
export const JSON_DEPTH_MAX = 256;

/** Any value JSON can carry. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * The RFC 8785 (JCS) form of a value: keys sorted by UTF-16 code units, shortest numbers, no white space.
 *
 * @throws ZhidaError `ZD_ERR_JSON_NOT_CANONICAL` at the first value that has no canonical form: `undefined`, a function, a hole,
 * a Date or Map, NaN, an infinity, or a lone surrogate; `ZD_ERR_INPUT_TOO_DEEP` below {@link JSON_DEPTH_MAX} levels (also for a
 * circle). Nothing is dropped silently, because the bytes are signed. `at` names the depth and no key: a
 * key can be a value from a record.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

/** UTF-8 bytes of {@link canonicalJson}. */
export function canonicalBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalJson(value));
}

function write(value: unknown, depth: number): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return writeNumber(value, depth);
  if (typeof value === 'string') return writeString(value, depth);
  if (typeof value !== 'object') throw notCanonical(`a ${typeof value} has no JSON form`, depth);
  if (depth >= JSON_DEPTH_MAX) throw new ZhidaError('ZD_ERR_INPUT_TOO_DEEP', `nested deeper than ${JSON_DEPTH_MAX} levels`);
  if (Array.isArray(value)) return writeList(value, depth + 1);
  if (Object.prototype.toString.call(value) !== '[object Object]') throw notCanonical('only plain objects have a JSON form', depth);
  return writeObject(value as Record<string, unknown>, depth + 1);
}

function writeNumber(value: number, depth: number): string {
  if (!Number.isFinite(value)) throw notCanonical('a number that is not finite has no JSON form', depth);
  return JSON.stringify(value);
}

function writeString(value: string, depth: number): string {
  if (LONE_SURROGATE.test(value)) throw notCanonical('a lone surrogate has no UTF-8 form', depth);
  return JSON.stringify(value);
}

function writeList(value: readonly unknown[], depth: number): string {
  const items: string[] = [];
  // By index, because `map` skips holes and would write them as nothing at all.
  for (let index = 0; index < value.length; index += 1) items.push(write(value[index], depth));
  return `[${items.join(',')}]`;
}

function writeObject(value: Record<string, unknown>, depth: number): string {
  // The default sort compares UTF-16 code units, which is what RFC 8785 §3.2.3 asks for.
  const members = Object.keys(value)
    .sort()
    .map((key) => `${writeString(key, depth)}:${write(value[key], depth)}`);
  return `{${members.join(',')}}`;
}

function notCanonical(message: string, depth: number): ZhidaError {
  return new ZhidaError('ZD_ERR_JSON_NOT_CANONICAL', message, { at: `depth ${depth}` });
}
