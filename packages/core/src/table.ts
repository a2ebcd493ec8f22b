/** A closed list of codes and what each means. A Map, because an object would also "know" the code `constructor`. */
export function table<V>(meanings: Readonly<Record<string, V>>): ReadonlyMap<string, V> {
  return new Map(Object.entries(meanings));
}
