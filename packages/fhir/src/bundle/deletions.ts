import { type IssueLog, parseInstant } from '@zhida/core';
import { type Node, child, children, textAt } from '../node.js';
import type { BundleEntry } from './entries.js';

/** A resource its server says is deleted: an entry of a history, a transaction or a notification with `request.method` DELETE. */
export interface Deletion {
  readonly type: string;
  readonly id: string;
  /** `entry[12].request.url` */
  readonly at: string;
  /** Its number among the entries. */
  readonly index: number;
  readonly atMs: number | undefined;
}

/** `Encounter/e1` with or without a base and a version; a conditional delete (`Encounter?identifier=…`) names nothing. */
const TYPE_AND_ID = /(?:^|\/)([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]+)?$/;

export function isDeletion(entry: Node): boolean {
  return textAt(entry, 'request', 'method')?.toUpperCase() === 'DELETE';
}

export function deletionsIn(bundle: Node, log: IssueLog): Deletion[] {
  return children(bundle, 'entry').flatMap((entry, index) => {
    if (!isDeletion(entry)) return [];
    const url = child(child(entry, 'request'), 'url');
    const [, type, id] = TYPE_AND_ID.exec(textAt(entry, 'request', 'url') ?? textAt(entry, 'fullUrl') ?? '') ?? [];
    if (type !== undefined && id !== undefined)
      return [{ type, id, at: url.at, index, atMs: parseInstant(textAt(entry, 'response', 'lastModified') ?? '') }];
    log.add('REFERENCE_UNRESOLVED', url.at);
    return [];
  });
}

/** Which entries are left, and which deletions took none away: of those it is not known whose visit they were in. */
export function withoutDeleted(
  entries: readonly BundleEntry[],
  deletions: readonly Deletion[],
  isHistory: boolean,
): { readonly left: BundleEntry[]; readonly last: readonly Deletion[]; readonly unmatched: readonly Deletion[] } {
  const stillThere = new Set<Deletion>();
  const matched = new Set<Deletion>();
  const left = entries.filter((entry) => {
    const deletion = deletions.find(({ type, id }) => type === entry.type && id === entry.id);
    if (deletion === undefined) return true;
    matched.add(deletion);
    if (!isNewer(entry, deletion, isHistory)) return false;
    stillThere.add(deletion);
    return true;
  });
  const last = deletions.filter((deletion) => !stillThere.has(deletion));
  return { left, last, unmatched: last.filter((deletion) => !matched.has(deletion)) };
}

/** It was created again after it was deleted. A history has the newest first. */
function isNewer({ resource }: BundleEntry, { index, atMs }: Deletion, isHistory: boolean): boolean {
  const ownMs = parseInstant(textAt(resource, 'meta', 'lastUpdated') ?? '');
  if (ownMs !== undefined && atMs !== undefined && ownMs !== atMs) return ownMs > atMs;
  return isHistory && Number(/^entry\[(\d+)\]/.exec(resource.at)?.[1] ?? Infinity) < index;
}
