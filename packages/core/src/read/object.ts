import { type Reader, type Reading, readAt, report } from './reading.js';
import { wrongType } from './values.js';

/** One reader for every field of `T`, required and optional ones alike: the compiler refuses a table that forgets one. */
export type FieldReaders<T> = { readonly [K in keyof T]-?: Reader<Exclude<T[K], undefined>> };

/**
 * A reader of objects with these fields. Only own members count, unknown ones are ignored, one of the wrong type is left out.
 * Where a required one is missing or unreadable the object is left out, and the issue names the field.
 */
export function objectOf<T extends object>(fields: FieldReaders<T>, required: readonly (keyof T & string)[] = []): Reader<T> {
  const entries = Object.entries(fields) as [string, Reader<unknown>][];
  return (value, reading) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrongType(value, reading);
    const source = value as Record<string, unknown>;
    const result: Record<string, unknown> = {};
    for (const [key, read] of entries) {
      if (!Object.hasOwn(source, key)) continue;
      const member = readAt(key, read, source, reading);
      if (member !== undefined) result[key] = member;
    }
    for (const key of required) {
      if (!(key in result)) return missing(key, reading);
    }
    return result as T;
  };
}

function missing(key: string, reading: Reading): undefined {
  reading.path.push(key);
  report(reading, 'FIELD_MISSING');
  reading.path.pop();
  return undefined;
}
