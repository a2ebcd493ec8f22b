import type { Scanned } from './encounters.js';

/** Levels in the order people care. */
export const LEVELS = ['red', 'orange', 'yellow', 'none'] as const;
export type LevelName = (typeof LEVELS)[number];

/** What a whole scan came to. */
export interface Tally {
  encounters: number;
  unreadable: number;
  readonly levels: Record<LevelName, number>;
}

export function emptyTally(): Tally {
  return { encounters: 0, unreadable: 0, levels: { red: 0, orange: 0, yellow: 0, none: 0 } };
}

export function count(tally: Tally, scanned: Scanned): void {
  if (scanned.unreadable !== undefined) tally.unreadable += 1;
  for (const { assessment } of scanned.encounters) {
    tally.encounters += 1;
    tally.levels[assessment.level] += 1;
  }
}
