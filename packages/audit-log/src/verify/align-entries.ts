import { type VerificationProblem, problem } from './problem.js';

/** Hashes of the lines found and of the lines once written, and the ids of both. */
export interface AlignmentInput {
  found: readonly Uint8Array[];
  recorded: readonly Uint8Array[];
  foundId: (line: number) => string | undefined;
  recordedId: (index: number) => string | undefined;
}

/**
 * Says how the lines found differ from the lines recorded: altered, missing, extra or swapped. Lines are matched by hash, so that
 * one dropped entry is one problem and not a problem of every entry after it.
 */
export function alignEntries({ found, recorded, foundId, recordedId }: AlignmentInput): VerificationProblem[] {
  const problems: VerificationProblem[] = [];
  const lineOf = lazyIndex(found);
  const indexOf = lazyIndex(recorded);
  const swapped = new Set<number>();
  let line = 0;
  let index = 0;
  while (line < found.length || index < recorded.length) {
    const here = found[line];
    const expected = recorded[index];
    if (swapped.delete(line) || same(here, expected)) {
      line += 1;
      index += 1;
      continue;
    }
    // How far ahead this line's place is, and how far ahead the line of this place; 0 when it is nowhere.
    const skippedPlaces = ahead(here, indexOf, index, recorded.length);
    const skippedLines = ahead(expected, lineOf, line, found.length);
    if (skippedPlaces === 0 && skippedLines === 0) {
      problems.push(problem('entry-altered', { index, entryId: recordedId(index) ?? foundId(line) }));
      line += 1;
      index += 1;
    } else if (skippedPlaces === skippedLines) {
      const place = index + skippedPlaces;
      const other = { index: place, ...idMember(recordedId(place) ?? foundId(line)) };
      problems.push(problem('entries-swapped', { index, entryId: recordedId(index) ?? foundId(line + skippedLines), other }));
      swapped.add(line + skippedLines);
      line += 1;
      index += 1;
    } else if (skippedPlaces > 0) {
      problems.push(problem('entry-missing', { index, entryId: recordedId(index), count: several(skippedPlaces) }));
      index += skippedPlaces;
    } else {
      problems.push(problem('entry-extra', { index, entryId: foundId(line), count: several(skippedLines) }));
      line += skippedLines;
    }
  }
  return problems;
}

/** Steps from `position` to where this hash is in the other list; past the end of one list, everything left of the other. */
function ahead(hash: Uint8Array | undefined, positionOf: (hash: Uint8Array) => number | undefined, position: number, end: number): number {
  const target = hash === undefined ? end : (positionOf(hash) ?? position);
  return Math.max(0, target - position);
}

function lazyIndex(hashes: readonly Uint8Array[]): (hash: Uint8Array) => number | undefined {
  let positions: Map<string, number> | undefined;
  return (hash) => {
    positions ??= new Map(hashes.map((each, position) => [key(each), position]));
    return positions.get(key(hash));
  };
}

function key(hash: Uint8Array): string {
  return Buffer.from(hash).toString('latin1');
}

function same(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;
}

function several(count: number): number | undefined {
  return count > 1 ? count : undefined;
}

function idMember(entryId: string | undefined): { entryId?: string } {
  return entryId === undefined ? {} : { entryId };
}
