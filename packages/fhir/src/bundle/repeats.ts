import { parseInstant } from '@zhida/core';
import { textAt } from '../node.js';
import type { BundleEntry } from './entries.js';

/**
 * Each resource once, in the place of its first entry and in its newest version: pages of a search overlap while records change,
 * and a history has every version. Read twice, a visit would be two, the second of them without a fact.
 */
export function withoutRepeats(entries: readonly BundleEntry[]): BundleEntry[] {
  const kept: BundleEntry[] = [];
  const places = new Map<string, number[]>();
  for (const entry of entries) {
    const name = `${entry.type}/${entry.id ?? entry.fullUrl ?? ''}`;
    const known = places.get(name) ?? [];
    const place = known.find((at) => kept[at] !== undefined && isSame(kept[at], entry));
    const before = place === undefined ? undefined : kept[place];
    if (place === undefined || before === undefined) {
      places.set(name, [...known, kept.length]);
      kept.push(entry);
    } else if (isNewer(entry, before)) kept[place] = entry;
  }
  return kept;
}

/** Only two addresses make two resources of one `Type/id`; without an id the address alone says that they are one. */
function isSame(left: BundleEntry, right: BundleEntry): boolean {
  if (left.type !== right.type || left.id !== right.id) return false;
  if (left.id === undefined) return left.fullUrl !== undefined && left.fullUrl === right.fullUrl;
  return (left.fullUrl ?? right.fullUrl) === (right.fullUrl ?? left.fullUrl);
}

function isNewer(entry: BundleEntry, than: BundleEntry): boolean {
  const [time, other] = [entry, than].map(({ resource }) => parseInstant(textAt(resource, 'meta', 'lastUpdated') ?? ''));
  if (time !== undefined && other !== undefined && time !== other) return time > other;
  return Number(textAt(entry.resource, 'meta', 'versionId')) > Number(textAt(than.resource, 'meta', 'versionId'));
}
