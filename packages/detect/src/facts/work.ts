import type { Issue } from '@zhida/core';

/**
 * What may be done about one encounter, counted and never timed, so that equal input gives equal output on any machine. A unit is
 * about one character walked over; a word or code that was found costs what reading it costs. A stay of months, in ordinary
 * prose, comes to a tenth of the limit.
 */
const WORK_MAX = 4_000_000;
export const WORK_OF_HIT = 16;
export const WORK_OF_CODE = 64;

/** Counts the work of one encounter. What was done before the limit stands. */
export interface Work {
  /** False where the limit is reached: what stands at this place is left unread, and the first such place is named. */
  mayRead(at: string, characters: number): boolean;
  /** Counts what reading it turned out to cost. */
  spend(units: number): void;
}

export function createWork(issues: Issue[], max: number = WORK_MAX): Work {
  let left = max;
  let told = false;
  return {
    mayRead(at, characters) {
      if (left > 0) {
        left -= characters;
        return true;
      }
      if (!told) issues.push({ code: 'WORK_LIMIT_REACHED', severity: 'warning', at });
      told = true;
      return false;
    },
    spend(units) {
      left -= units;
    },
  };
}
