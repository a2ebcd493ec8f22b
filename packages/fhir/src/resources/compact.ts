/** The fields of `T`, each possibly not known. */
export type Defined<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Leaves out what is `undefined`: in a snapshot a field is there or it is not. */
export function compact<T extends object>(fields: Defined<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
