import type { Measure } from './measures.js';

/** The least share of records that must be as labelled, by name of the measure: `situation 4: found`. */
export type Floors = Readonly<Record<string, number>>;

/**
 * What is below its floor, or no longer measured at all: a file of records cannot be dropped to get past its floor.
 *
 * @returns one line for each, `[]` when every floor holds
 */
export function fallen(measures: ReadonlyMap<string, Measure>, floors: Floors): string[] {
  return Object.entries(floors).flatMap(([name, floor]) => {
    const measure = measures.get(name);
    if (measure === undefined) return [`${name}: has a floor of ${floor} and is not measured any more`];
    return shareOf(measure) < floor ? [`${name}: ${measure.right} of ${measure.of} is below ${floor}`] : [];
  });
}

/** The floors after these measures: none is lower than before, and what had none has one now. */
export function raised(measures: ReadonlyMap<string, Measure>, floors: Floors): Floors {
  const names = [...new Set([...Object.keys(floors), ...measures.keys()])].sort();
  return Object.fromEntries(names.map((name) => [name, Math.max(floors[name] ?? 0, floorOf(name, measures.get(name)))]));
}

/** A case or a quiet record is right or the build is red; of labelled records one more may be wrong, so that a doubtful label stops nobody. */
function floorOf(name: string, measure: Measure | undefined): number {
  if (measure === undefined) return 0;
  const grace = /^(rule|must)/u.test(name) ? 0 : 1;
  return Math.floor((1000 * Math.max(0, measure.right - grace)) / measure.of) / 1000;
}

function shareOf({ right, of }: Measure): number {
  return of === 0 ? 1 : right / of;
}
