import { type Node, child, children, textAt } from '../node.js';
import type { BundleEntry } from './entries.js';

/** Finds the resources that references point at. */
export interface References {
  /** The entry a Reference names, `undefined` where it is not in the bundle or could mean two. `type` is what is looked for. */
  resolve(reference: Node, from: BundleEntry, type?: IdentifiedType): BundleEntry | undefined;
  /** Like `resolve`, also for resources contained in the one that refers. */
  resource(reference: Node, from: BundleEntry): Node | undefined;
}

const TYPE_AND_ID = /(?:^|\/)([A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]+)?$/;

/** What is also found by a business identifier (`Reference.identifier`). */
const IDENTIFIED = ['Encounter', 'Patient'] as const;
type IdentifiedType = (typeof IDENTIFIED)[number];

/** Indexes a bundle by `fullUrl`, `Type/id`, `urn:uuid:` and, for encounters and patients, by business identifier. R4 Bundle §2.36.4.1. */
export function indexReferences(entries: readonly BundleEntry[]): References {
  // `null` marks a key of two entries: following it could put one child's facts into another child's record.
  const byKey = new Map<string, BundleEntry | null>();
  const put = (key: string, entry: BundleEntry): void => {
    byKey.set(key, byKey.has(key) ? null : entry);
  };
  for (const entry of entries) {
    for (const key of keysOf(entry)) put(key, entry);
  }
  const lookUp = (key: string | undefined): BundleEntry | undefined => (key === undefined ? undefined : (byKey.get(key) ?? undefined));
  const resolve = (reference: Node, from: BundleEntry, type?: IdentifiedType): BundleEntry | undefined => {
    const target = textAt(reference, 'reference');
    if (target === undefined) return type === undefined ? undefined : lookUp(identifierKey(type, child(reference, 'identifier')));
    const tail = TYPE_AND_ID.exec(target);
    const base = from.fullUrl === undefined ? undefined : baseOf(from.fullUrl);
    return (
      lookUp(target) ??
      (base === undefined || target.includes(':') ? undefined : lookUp(`${base}/${target}`)) ??
      lookUp(tail === null ? undefined : `${tail[1]}/${tail[2]}`)
    );
  };
  return {
    resolve,
    resource(reference, from) {
      const target = textAt(reference, 'reference');
      if (target?.startsWith('#') !== true) return resolve(reference, from)?.resource;
      return children(from.resource, 'contained').find((contained) => textAt(contained, 'id') === target.slice(1));
    },
  };
}

function keysOf(entry: BundleEntry): Set<string> {
  const keys = new Set<string>();
  if (entry.fullUrl !== undefined) keys.add(entry.fullUrl);
  if (entry.id !== undefined) {
    keys.add(`${entry.type}/${entry.id}`);
    keys.add(`urn:uuid:${entry.id}`);
  }
  const type = IDENTIFIED.find((known) => known === entry.type);
  if (type !== undefined) {
    for (const identifier of children(entry.resource, 'identifier')) {
      const key = identifierKey(type, identifier);
      if (key !== undefined) keys.add(key);
    }
  }
  return keys;
}

/** The key of a business identifier; the same number may name an encounter and a patient. */
export function identifierKey(type: IdentifiedType, identifier: Node): string | undefined {
  const value = textAt(identifier, 'value');
  return value === undefined ? undefined : `${type}|${textAt(identifier, 'system') ?? ''}|${value}`;
}

/** `https://his.example/fhir` of `https://his.example/fhir/Patient/1`; none for a `urn:`. */
function baseOf(fullUrl: string): string | undefined {
  const match = TYPE_AND_ID.exec(fullUrl);
  return match === null || !fullUrl.includes('://') ? undefined : fullUrl.slice(0, match.index);
}
