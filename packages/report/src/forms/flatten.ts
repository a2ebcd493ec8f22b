import type { Json } from '@zhida/core';

/** One value of a view. */
export interface FlatValue {
  /** `companions[0].name` */
  readonly path: string;
  /** `companions[].name` */
  readonly pattern: string;
  readonly value: string | number | boolean | null;
}

/** The single values of a JSON value in its own order. Paths are those of the report's schema, with indexes. */
export function flatten(value: Json, path = '', pattern = ''): FlatValue[] {
  if (typeof value !== 'object' || value === null) return [{ path, pattern, value }];
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => flatten(item, `${path}[${index}]`, `${pattern}[]`));
  return Object.entries(value as { readonly [key: string]: Json }).flatMap(([key, member]) =>
    flatten(member, path === '' ? key : `${path}.${key}`, pattern === '' ? key : `${pattern}.${key}`),
  );
}
