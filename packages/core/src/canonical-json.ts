import { ZhidaError } from './errors.js';

/** With the `u` flag a paired surrogate is one code point, so this finds only lone ones. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Any value JSON can carry. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * The RFC 8785 (JCS) form of a value: keys sorted by UTF-16 code units, shortest numbers, no white space.
 *
 * @throws ZhidaError `ZD_ERR_JSON_NOT_CANONICAL` with the path of the first value that has no canonical form:
 * `undefined`, a function, NaN, an infinity, or a lone surrogate. Nothing is dropped silently, because the bytes are signed.
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$');
}

/** UTF-8 bytes of {@link canonicalJson}. */
export function canonicalBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalJson(value));
}

function write(value: unknown, at: string): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return writeNumber(value, at);
  if (typeof value === 'string') return writeString(value, at);
  if (Array.isArray(value)) return `[${value.map((item, index) => write(item, `${at}[${index}]`)).join(',')}]`;
  if (typeof value === 'object') return writeObject(value as Record<string, unknown>, at);
  throw new ZhidaError('ZD_ERR_JSON_NOT_CANONICAL', `a ${typeof value} has no JSON form`, { at });
}

function writeNumber(value: number, at: string): string {
  if (!Number.isFinite(value)) throw new ZhidaError('ZD_ERR_JSON_NOT_CANONICAL', 'a number that is not finite has no JSON form', { at });
  return JSON.stringify(value);
}

function writeString(value: string, at: string): string {
  if (LONE_SURROGATE.test(value)) throw new ZhidaError('ZD_ERR_JSON_NOT_CANONICAL', 'a lone surrogate has no UTF-8 form', { at });
  return JSON.stringify(value);
}

function writeObject(value: Record<string, unknown>, at: string): string {
  // The default sort compares UTF-16 code units, which is what RFC 8785 §3.2.3 asks for.
  const members = Object.keys(value)
    .sort()
    .map((key) => `${writeString(key, at)}:${write(value[key], `${at}.${key}`)}`);
  return `{${members.join(',')}}`;
}
