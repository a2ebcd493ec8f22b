import { HIS_LIMITS } from '../limits.js';

/** Something wrong with a mapping file: where, by path and line, and why. */
export interface MappingProblem {
  /** Like `tables.visits.fields.patient.sex`; empty for the file as a whole. */
  readonly at: string;
  /** Line of the file, from 1, where it is known. */
  readonly line: number | undefined;
  readonly why: string;
}

/** Collects problems up to the limit. */
export interface ProblemLog {
  readonly problems: readonly MappingProblem[];
  add(path: readonly (string | number)[], why: string): void;
}

/** `lineOf` knows the lines of a file by path. */
export function createProblemLog(lineOf: (path: readonly (string | number)[]) => number | undefined): ProblemLog {
  const problems: MappingProblem[] = [];
  return {
    problems,
    add(path, why) {
      if (problems.length < HIS_LIMITS.problems) problems.push({ at: path.join('.'), line: lineOf(path), why });
    },
  };
}
