import type { Issue } from '@zhida/core';
import type { Scanned } from './encounters.js';

/** Sums up what a scan did not understand: places and codes, never a value. */
export interface Explanation {
  add(scanned: Scanned): void;
  lines(): readonly string[];
}

/** Kinds of one sort that are named; a hostile input could have as many as it has bytes. */
const KINDS_MAX = 200;

export function createExplanation(): Explanation {
  const records = { read: 0, unreadable: 0, encounters: 0 };
  const skipped = createCounter();
  const issues = createCounter();
  return {
    add({ encounters, unreadable, issues: own, skipped: passed, kindAt, isSum }) {
      if (isSum !== true) records.read += 1;
      records.encounters += encounters.length;
      if (unreadable !== undefined) records.unreadable += 1;
      for (const name of passed) skipped.add(name);
      for (const { code, at } of own) issues.add(kindOf({ code, at: kindAt?.(at) ?? at }));
      for (const issue of encounters.flatMap(({ assessment }) => assessment.issues)) issues.add(kindOf(issue));
    },
    lines: () => [
      `explain: ${records.read} records, ${records.unreadable} with something that could not be read, ${records.encounters} encounters`,
      ...section('passed over as a whole', skipped.entries()),
      ...section('not understood', issues.entries()),
    ],
  };
}

/** Said in the place of the messages that were not. */
export function summaryLine(more: number): string {
  return `zhida: ${more} more records have something that could not be used; --explain-mapping sums up all of it\n`;
}

/** The kind of an issue: its code and where such a thing stands, without the numbers that tell one record from the next. */
function kindOf({ code, at }: Pick<Issue, 'code' | 'at'>): string {
  const place = at.replace(/\[\d+\]/g, '[]').replace(/^([^.(:]+):\d+/, '$1');
  return place === '' ? code : `${code} at ${place}`;
}

function section(title: string, entries: readonly (readonly [string, number])[]): string[] {
  return entries.length === 0 ? [] : [`  ${title}:`, ...entries.map(([name, times]) => `    ${name} ×${times}`)];
}

function createCounter(): { add(name: string): void; entries(): readonly (readonly [string, number])[] } {
  const counts = new Map<string, number>();
  let others = 0;
  return {
    add(name) {
      const known = counts.get(name);
      if (known === undefined && counts.size >= KINDS_MAX) others += 1;
      else counts.set(name, (known ?? 0) + 1);
    },
    entries: () => {
      const sorted = [...counts].toSorted(([left, most], [right, more]) => more - most || (left < right ? -1 : 1));
      return others === 0 ? sorted : [...sorted, ['other kinds', others]];
    },
  };
}
