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

/**
 * Runs a reader on a member or an item of a list, one step down the path. A member that is not given is left out, an item is not:
 * it is read as `false`. A value that defends itself (a getter that throws, a revoked proxy) is unreadable, not fatal.
 */
export function readAt<K extends string | number, T>(
  step: K,
  read: Reader<T>,
  holder: { readonly [step in K]?: unknown },
  reading: Reading,
): T | undefined {
  const depth = reading.path.push(step);
  let result: T | undefined;
  try {
    const value = typeof step === 'number' ? (holder[step] ?? false) : holder[step];
    if (value !== undefined) result = read(value, reading);
  } catch {
    reading.path.length = depth;
    result = report(reading, 'FIELD_WRONG_TYPE');
  }
  reading.path.pop();
  return result;
}

function placeOf(path: readonly (string | number)[]): string {
  return path.reduce<string>((place, step) => {
    if (typeof step === 'number') return `${place}[${step}]`;
    return place === '' ? step : `${place}.${step}`;
  }, '');
}
