import { isRecord, type Json } from '@zhida/core';

export type JsonObject = { readonly [key: string]: Json };
type Draft = { [key: string]: Json };

/** The value at a dotted path of members, if it is there. */
export function valueAt(root: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = root;
  for (const key of path.split('.')) {
    if (!isRecord(value)) return undefined;
    value = value[key];
  }
  return value;
}

/** A copy of a value without what lies at some paths below it; an object that is left empty is nothing. */
export function without(value: Json, inner: readonly string[]): Json | undefined {
  if (inner.length === 0 || !isRecord(value)) return value;
  const rest: Draft = {};
  for (const [key, member] of Object.entries(value)) {
    if (inner.includes(key)) continue;
    const deeper = inner.filter((path) => path.startsWith(`${key}.`)).map((path) => path.slice(key.length + 1));
    const kept = without(member, deeper);
    if (kept !== undefined) rest[key] = kept;
  }
  return Object.keys(rest).length === 0 ? undefined : rest;
}

/** Puts a value at a dotted path, beside what other rows have put there. */
export function putAt(root: Draft, path: string, value: Json): void {
  const [key = '', ...rest] = path.split('.');
  const present = root[key];
  if (rest.length > 0) {
    const inner: Draft = isRecord(present) ? { ...present } : {};
    putAt(inner, rest.join('.'), value);
    root[key] = inner;
    return;
  }
  root[key] = isRecord(present) && isRecord(value) ? merge(present, value) : value;
}

function merge(left: JsonObject, right: JsonObject): JsonObject {
  const merged: Draft = { ...left };
  for (const [key, value] of Object.entries(right)) putAt(merged, key, value);
  return merged;
}
