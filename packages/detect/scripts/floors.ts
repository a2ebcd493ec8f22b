import type { Measure } from './measures.js';

/**
 * The least by name of the measure. Of a file of records, of a rule's cases and of what must stay quiet it is the share that must be as
 * labelled; of a table over all files (`all`, a situation, a voice) it is the number: a file of harder records lowers a share there, and nobody
 * should be kept from adding one. The share of each file that stands already holds its own records fast.
 */
export type Floors = Readonly<Record<string, number>>;

const COUNTED = /^(?:all|situation|voice)\b/u;
/** A case or a quiet record is right or the build is red; of labelled records one more may be wrong, so that a doubtful label stops nobody. */
const GRACE = /^(?:all|situation|voice|file|perturbed)\b/u;

/**
 * What is below its floor, or no longer measured at all: a file of records cannot be dropped to get past its floor.
 *
 * @returns one line for each, `[]` when every floor holds
 */
export function fallen(measures: ReadonlyMap<string, Measure>, floors: Floors): string[] {
  return Object.entries(floors).flatMap(([name, floor]) => {
    const measure = measures.get(name);
    if (measure === undefined) return [`${name}: has a floor of ${floor} and is not measured any more`];
    return reached(name, measure, 0) < floor ? [`${name}: ${measure.right} of ${measure.of} is below ${floor}`] : [];
  });
}

/** The floors after these measures: none is lower than before, and what had none has one now. */
export function raised(measures: ReadonlyMap<string, Measure>, floors: Floors): Floors {
  const names = [...new Set([...Object.keys(floors), ...measures.keys()])].sort();
  return Object.fromEntries(
    names.map((name) => {
      const measure = measures.get(name);
      return [name, Math.max(floors[name] ?? 0, measure === undefined ? 0 : reached(name, measure, GRACE.test(name) ? 1 : 0))];
    }),
  );
}

function reached(name: string, { right, of }: Measure, grace: number): number {
  const counted = Math.max(0, right - grace);
  if (COUNTED.test(name)) return counted;
  return of === 0 ? 1 : Math.floor((1000 * counted) / of) / 1000;
}
