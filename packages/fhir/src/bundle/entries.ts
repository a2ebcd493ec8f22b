import type { IssueLog } from '@zhida/core';
import { type Node, child, children, isObject, textAt } from '../node.js';
import { isDeletion } from './deletions.js';

/** A resource of the bundle. */
export interface BundleEntry {
  readonly type: string;
  readonly id: string | undefined;
  readonly fullUrl: string | undefined;
  /** The resource itself; `at` is `entry[12].resource`. */
  readonly resource: Node;
}

/** A bundle may carry bundles (a search for documents does); deeper than this it is an attack. */
const NESTING_MAX = 4;
/** An entry of these says something about resources and is none itself. */
const ENVELOPE_KEYS = ['request', 'response', 'search'] as const;

/** Every resource of a bundle in order, those of bundles inside it in their place. */
export function entriesOf(bundle: Node, log: IssueLog, depth = 0): BundleEntry[] {
  const entries: BundleEntry[] = [];
  for (const entry of children(bundle, 'entry')) {
    if (isDeletion(entry)) continue;
    const resource = child(entry, 'resource');
    const type = textAt(resource, 'resourceType');
    if (type === undefined) {
      const envelope = resource.value === undefined && ENVELOPE_KEYS.some((key) => isObject(child(entry, key).value));
      if (!envelope) log.add('RESOURCE_UNREADABLE', resource.at);
    } else if (type !== 'Bundle') {
      entries.push({ type, id: textAt(resource, 'id'), fullUrl: textAt(entry, 'fullUrl'), resource });
    } else if (depth < NESTING_MAX) {
      for (const inner of entriesOf(resource, log, depth + 1)) entries.push(inner);
    } else {
      log.add('DEPTH_LIMIT', resource.at);
    }
  }
  return entries;
}
