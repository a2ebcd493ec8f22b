/**
 * A count that may be told of a group of people: exact, or null where it is fewer than {@link SMALL} or is withheld so that such a
 * one cannot be reckoned from a total.
 */
export type Cell = number | null;

/** Fewer than this, in one department, at one hour or of one age, may be somebody people know. */
export const SMALL = 5;

/**
 * Counts that add up to a total known elsewhere. Zero is withheld like a four: that nobody was there can be told apart from somebody
 * otherwise. Where one cell alone is withheld, the smallest of the others goes with it, because the total less the rest would be the one.
 */
export function protectedCells(counts: readonly number[]): Cell[] {
  const cells: Cell[] = counts.map((count) => (count < SMALL ? null : count));
  const withheld = cells.filter((cell) => cell === null).length;
  if (withheld !== 1 || cells.length < 2) return cells;
  const smallest = Math.min(...cells.filter((cell) => cell !== null));
  cells[cells.indexOf(smallest)] = null;
  return cells;
}

/** Ranges, so that no cell of a table of two dimensions can be had by subtraction. */
const RANGES = [SMALL, 10, 20, 50, 100, 200, 500, 1_000] as const;

/** `20–49` for 23; nothing for fewer than {@link SMALL}: not even that there is anybody. */
export function rangeOf(count: number): string | undefined {
  const at = RANGES.filter((from) => count >= from).length - 1;
  const [from, next] = [RANGES[at], RANGES[at + 1]];
  if (from === undefined) return undefined;
  return next === undefined ? `≥ ${from}` : `${from}–${next - 1}`;
}
