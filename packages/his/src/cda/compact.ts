/** Leaves out what is `undefined`: in a snapshot a field is there or it is not. */
export function compact<T extends object>(fields: { readonly [K in keyof T]?: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** `undefined` for a list or an object with nothing in it. */
export function orNone<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}
