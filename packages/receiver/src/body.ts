import { isRecord, type Json } from '@zhida/core';

/**
 * Careful reading of a view. The body is what the relay signed, but it may be of a newer schema, so that every read
 * answers "nothing" instead of failing: an officer must see the rest.
 */
function valueAt(body: Json | undefined, path: string): Json | undefined {
  let value: Json | undefined = body;
  for (const key of path.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** The text at a path; `''` when there is none. A number is read as text. */
export function textAt(body: Json | undefined, path: string): string {
  const value = valueAt(body, path);
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' ? String(value) : '';
}

/** The list at a path; empty when there is none. */
export function listAt(body: Json | undefined, path: string): readonly Json[] {
  const value = valueAt(body, path);
  return Array.isArray(value) ? value : [];
}

/** The texts of a list, empty ones left out. */
export function textsAt(body: Json | undefined, path: string): string[] {
  return listAt(body, path).filter((item): item is string => typeof item === 'string' && item.trim() !== '');
}
