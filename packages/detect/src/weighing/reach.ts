import type { Concept } from '@zhida/packs';
import { makersOf } from '../facts/derive.js';
import type { Seen } from '../facts/seen.js';
import { type Lexicon, flatten } from '../text/lexicon.js';
import type { Scan } from '../text/scan.js';
import type { Statement } from './statements.js';

/** Most texts have fewer statements. */
const FIRST_CAPACITY = 256;

/**
 * What concepts can weigh for harm at most in each statement of one text, by the words that stand there and whatever is said of them. It
 * holds until the next text is asked for.
 */
export type MostOfConcepts = (statements: readonly Statement[], scan: Scan, seen: Seen) => Float64Array;

/** @param weightOf the weight of a concept by its index */
export function compileMostOfConcepts({ concepts, conceptIndex, all }: Lexicon, weightOf: (concept: number) => number): MostOfConcepts {
  const weights = Float64Array.from(concepts, (_, concept) => Math.max(0, weightOf(concept)));
  const made = madeOfConcepts(concepts, conceptIndex).map((of) => [...of].filter((concept) => (weights[concept] ?? 0) > 0));
  // By reading those that weigh and may be made of one of its concepts, itself among them.
  const reached = flatten(
    Array.from({ length: all.start.length - 1 }, (_, reading) => {
      const heavy = new Set<number>();
      for (let at = all.start[reading] ?? 0; at < (all.start[reading + 1] ?? 0); at += 1)
        for (const concept of made[all.concepts[at] ?? -1] ?? []) heavy.add(concept);
      return heavy;
    }),
    (concept) => concept,
  );
  /** By concept the serial number of the statement it was last counted in. */
  const countedIn = new Float64Array(concepts.length);
  let serial = 1;
  let sums = new Float64Array(FIRST_CAPACITY);
  return (statements, { first, hitCount, readings, starts }, seen) => {
    if (statements.length > sums.length) sums = new Float64Array(statements.length * 2);
    sums.fill(0, 0, statements.length);
    let at = 0;
    for (let hit = first; hit < first + hitCount; hit += 1) {
      at = statementOf(starts[hit] ?? 0, statements, at);
      const reading = readings[hit] ?? 0;
      for (let index = reached.start[reading] ?? 0; index < (reached.start[reading + 1] ?? 0); index += 1) {
        const concept = reached.concepts[index] ?? 0;
        if (seen.concepts[concept] !== 1 || countedIn[concept] === serial + at) continue;
        countedIn[concept] = serial + at;
        sums[at] = (sums[at] ?? 0) + (weights[concept] ?? 0);
      }
    }
    serial += statements.length;
    return sums;
  };
}

/** The statement a place stands in, looked for from another on: hits come in the order of their ends, so that it is seldom far. */
function statementOf(start: number, statements: readonly Statement[], from: number): number {
  let at = from;
  while (at + 1 < statements.length && start >= (statements[at]?.end ?? 0)) at += 1;
  while (at > 0 && start < (statements[at]?.start ?? 0)) at -= 1;
  return at;
}

/** By concept every one that may be made of it: of which it is a kind, or beside others a part. */
function madeOfConcepts(concepts: readonly Concept[], conceptIndex: ReadonlyMap<string, number>): readonly ReadonlySet<number>[] {
  const makes = concepts.map((): number[] => []);
  concepts.forEach((concept, index) => {
    for (const maker of makersOf(concept)) makes[conceptIndex.get(maker) ?? -1]?.push(index);
  });
  return concepts.map((_, index) => {
    const found = new Set([index]);
    // A set is walked in the order of its growth: what is found on the way is looked at as well.
    for (const concept of found) for (const made of makes[concept] ?? []) found.add(made);
    return found;
  });
}
