import { type Interruption, promptingReasons } from './episodes.js';
import { type Cell, protectedCells, rangeOf } from './small-cells.js';

/** One line of a table by department, class, age or hour. */
export interface GroupRow {
  /** Empty where the feed writes none. */
  readonly name: string;
  /** Visits of children and of unknown age. */
  readonly visits: number;
  /** How often somebody would have been asked; null where it is withheld. */
  readonly interruptions: Cell;
}

/** The name of what is put together: departments of too few visits to be named. */
export const OTHERS = '*';
/** A department of fewer visits is not named: a column read as the wrong thing has a name for every patient. */
const NAMED_FROM = 20;
const DEPARTMENTS_SHOWN = 30;

export function groupsOf<Key>(
  names: readonly Key[],
  visits: ReadonlyMap<Key, number>,
  interruptions: readonly Interruption[],
  keyOf: (interruption: Interruption) => Key,
): GroupRow[] {
  const asked = countsOf(interruptions.map(keyOf));
  const present = names.filter((name) => (visits.get(name) ?? 0) > 0);
  const cells = protectedCells(present.map((name) => asked.get(name) ?? 0));
  return present.map((name, index) => ({
    name: String(name),
    visits: visits.get(name) ?? 0,
    interruptions: cells[index] ?? null,
  }));
}

/** Departments, the most asked first; the small ones and those beyond the first thirty together, last. */
export function departmentsOf(visits: ReadonlyMap<string, number>, interruptions: readonly Interruption[]): GroupRow[] {
  const nameOf = namesOf(visits);
  const joined = new Map<string, number>();
  for (const [name, count] of visits) joined.set(nameOf(name), (joined.get(nameOf(name)) ?? 0) + count);
  const rows = groupsOf([...joined.keys()], joined, interruptions, ({ mark }) => nameOf(mark.under.department));
  return rows.toSorted(
    (a, b) =>
      Number(a.name === OTHERS) - Number(b.name === OTHERS) || (b.interruptions ?? -1) - (a.interruptions ?? -1) || b.visits - a.visits,
  );
}

/** Which rules are loud in which department: only those of five interruptions or more, and by range. */
export function loudInDepartments(
  visits: ReadonlyMap<string, number>,
  interruptions: readonly Interruption[],
): { department: string; ruleId: string; interruptions: string }[] {
  const nameOf = namesOf(visits);
  const pairs = interruptions.flatMap(({ mark }) =>
    promptingReasons(mark).map(({ ruleId }) => `${ruleId} ${nameOf(mark.under.department)}`),
  );
  return [...countsOf(pairs)]
    .toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .flatMap(([pair, count]) => {
      const [ruleId = ''] = pair.split(' ', 1);
      const range = rangeOf(count);
      return range === undefined ? [] : [{ department: pair.slice(ruleId.length + 1), ruleId, interruptions: range }];
    });
}

function namesOf(visits: ReadonlyMap<string, number>): (department: string) => string {
  const named = [...visits].filter(([, count]) => count >= NAMED_FROM).toSorted(([, m], [, n]) => n - m);
  const kept = new Set(named.slice(0, DEPARTMENTS_SHOWN).map(([name]) => name));
  return (department) => (kept.has(department) ? department : OTHERS);
}

/** How often each of them comes. */
export function countsOf<Key>(keys: readonly Key[]): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
