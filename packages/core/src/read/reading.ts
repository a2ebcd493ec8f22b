import type { Issue, IssueCode } from '../issue.js';

/** Limits of one snapshot. What is beyond them is left out and named in an issue; the rest is read. */
export const SNAPSHOT_LIMITS = {
  /** UTF-16 code units of a code, a name or any other short text. */
  shortTextLength: 4_000,
  /** UTF-16 code units of the text of one note or summary. */
  noteTextLength: 200_000,
  /** Items of one list; of `history` the newest are kept. */
  listLength: 2_000,
  historyLength: 500,
  /** Issues of one snapshot; after them one `ISSUES_TRUNCATED`. */
  issues: 200,
} as const;

/** Where a reader is and what it could not use. One per snapshot; the path is a stack so that the good case builds no strings. */
export interface Reading {
  readonly path: (string | number)[];
  readonly issues: Issue[];
}

/** Turns an unknown value into a `T`, or reports an issue and gives `undefined`. Never throws on JSON. */
export type Reader<T> = (value: unknown, reading: Reading) => T | undefined;

/** Adds an issue about the place the reading is at. */
export function report(reading: Reading, code: IssueCode, severity: Issue['severity'] = 'warning'): undefined {
  if (reading.issues.length < SNAPSHOT_LIMITS.issues) reading.issues.push({ code, severity, at: placeOf(reading.path) });
  else if (reading.issues.length === SNAPSHOT_LIMITS.issues) reading.issues.push({ code: 'ISSUES_TRUNCATED', severity: 'warning', at: '' });
  return undefined;
}

/** Runs a reader one step down the path. A value that defends itself (a getter that throws, a revoked proxy) is unreadable, not fatal. */
export function readAt<T>(step: string | number, read: Reader<T>, take: () => unknown, reading: Reading): T | undefined {
  const depth = reading.path.push(step);
  try {
    const value = take();
    return value === undefined ? undefined : read(value, reading);
  } catch {
    reading.path.length = depth;
    return report(reading, 'FIELD_WRONG_TYPE');
  } finally {
    reading.path.length = depth - 1;
  }
}

function placeOf(path: readonly (string | number)[]): string {
  return path.reduce<string>((place, step) => {
    if (typeof step === 'number') return `${place}[${step}]`;
    return place === '' ? step : `${place}.${step}`;
  }, '');
}
