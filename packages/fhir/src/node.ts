/** A value somewhere in the input and the path to it. Reading below it never throws: what is not there or defends itself is `undefined`. */
export interface Node {
  readonly value: unknown;
  readonly at: string;
}

/** One own member of an object. */
export function child(node: Node, key: string): Node {
  return { value: own(node.value, key), at: node.at === '' ? key : `${node.at}.${key}` };
}

/** The members of a list. One object where FHIR wants a list counts as a list of one: some senders write it so. */
export function children(node: Node, key: string): Node[] {
  const list = child(node, key);
  if (isObject(list.value)) return [list];
  if (!isList(list.value)) return [];
  const nodes: Node[] = [];
  for (let index = 0; index < list.value.length; index += 1) {
    nodes.push({ value: own(list.value, String(index)), at: `${list.at}[${index}]` });
  }
  return nodes;
}

/** A non-empty text member, without the white space around it. */
export function textAt(node: Node, ...keys: readonly string[]): string | undefined {
  let value = node.value;
  for (const key of keys) value = own(value, key);
  if (typeof value !== 'string') return undefined;
  const trimmed = value.trim();
  return trimmed === '' ? undefined : trimmed;
}

/** The first member of these that is there, for elements with a choice of type. */
export function firstOf(node: Node, ...keys: readonly string[]): Node | undefined {
  return keys.map((key) => child(node, key)).find((found) => found.value !== undefined && found.value !== null);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !isList(value);
}

/** Like `Array.isArray`, which throws at a revoked proxy. */
export function isList(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  } catch {
    return undefined;
  }
}
