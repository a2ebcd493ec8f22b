/** The fields of `T`, each possibly not known. */
export type Defined<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Leaves out what is `undefined`: in a snapshot a field is there or it is not. */
export function compact<T extends object>(fields: Defined<T>): T {
  const result: Record<string, unknown> = {};
  for (const key in fields) if (fields[key] !== undefined) result[key] = fields[key];
  return result as T;
}

/** `undefined` for a list or an object with nothing in it. */
export function orNone<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}
