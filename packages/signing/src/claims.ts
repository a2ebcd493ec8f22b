import { type Json, ZhidaError, type ZhidaErrorCode, isRecord } from '@zhida/core';
import { instantMs } from './time.js';

/** Members of a JSON object nobody has looked at yet. */
export type Claims = Readonly<Record<string, unknown>>;

const TEXT_MAX = 4096;

/** Reads claims one by one; the first that is missing or of the wrong type is refused by name, never by value. */
export interface ClaimReader {
  text(name: string): string;
  textOrNull(name: string): string | null;
  optionalText(name: string): string | undefined;
  integer(name: string, minimum: number): number;
  instant(name: string): string;
  oneOf<Value extends string>(name: string, values: readonly Value[]): Value;
  texts(name: string): readonly string[];
  object(name: string): { readonly [key: string]: Json };
  /** Lower-case hex SHA-256. */
  sha256(name: string): string;
  /** An object whose members are all text. */
  textObject(name: string): { readonly [key: string]: string };
}

/** @param code what a wrong claim is in this kind of message. */
export function claimReader(claims: Claims, code: ZhidaErrorCode): ClaimReader {
  const refuse = (name: string): ZhidaError => new ZhidaError(code, 'a claim is missing or of the wrong type', { at: name });
  const read = <Value>(name: string, is: (value: unknown) => value is Value): Value => {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    if (!is(value)) throw refuse(name);
    return value;
  };
  return {
    text: (name) => read(name, isText),
    textOrNull: (name) => read(name, (value) => value === null || isText(value)),
    optionalText: (name) => read(name, (value) => value === undefined || isText(value)),
    integer: (name, minimum) => read(name, (value): value is number => Number.isSafeInteger(value) && (value as number) >= minimum),
    instant: (name) => read(name, (value): value is string => instantMs(value) !== undefined),
    oneOf: <Value extends string>(name: string, values: readonly Value[]) =>
      read(name, (value): value is Value => values.some((known) => known === value)),
    texts: (name) => read(name, (value): value is readonly string[] => Array.isArray(value) && value.every(isText)),
    object: (name) => read(name, isJsonObject),
    sha256: (name) => read(name, (value): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)),
    textObject: (name) => read(name, isTextObject),
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= TEXT_MAX;
}

/** Claims come out of `JSON.parse`, so an object among them is JSON all the way down. */
function isJsonObject(value: unknown): value is { readonly [key: string]: Json } {
  return isRecord(value);
}

/** The texts are sealed groups, so their length is bounded by the message alone. */
function isTextObject(value: unknown): value is { readonly [key: string]: string } {
  return isRecord(value) && Object.values(value).every((member) => typeof member === 'string');
}
