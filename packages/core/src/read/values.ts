import { formatPartialDate, parsePartialDate } from '../calendar.js';
import { hasOffset, localDate, parseInstant } from '../time.js';
import { isWellFormed, wellFormed } from '../well-formed.js';
import { type Reader, type Reading, SNAPSHOT_LIMITS, readAt, report } from './reading.js';

const BIRTH_COMPACT = /^(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})$/;

/** A short text. Longer ones are cut, lone surrogates become U+FFFD, which keeps every offset. */
export const text: Reader<string> = (value, reading) => readText(value, reading, SNAPSHOT_LIMITS.shortTextLength);

/** The text of a note. */
export const longText: Reader<string> = (value, reading) => readText(value, reading, SNAPSHOT_LIMITS.noteTextLength);

function readText(value: unknown, reading: Reading, lengthMax: number): string | undefined {
  if (typeof value !== 'string') return wrongType(value, reading);
  if (value.length <= lengthMax) return mended(value, reading);
  report(reading, 'FIELD_TOO_LONG');
  return mended(value.slice(0, lengthMax), reading);
}

function mended(value: string, reading: Reading): string {
  if (isWellFormed(value)) return value;
  report(reading, 'TEXT_NOT_WELL_FORMED', 'information');
  return wellFormed(value);
}

export const flag: Reader<boolean> = (value, reading) => (typeof value === 'boolean' ? value : wrongType(value, reading));

/** A finite number of at least 0. */
export const quantity: Reader<number> = (value, reading) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : wrongType(value, reading);

/** A whole number of at least 0. */
export const count: Reader<number> = (value, reading) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : wrongType(value, reading);

/** An observed value: text, a finite number, true or false. */
export const observedValue: Reader<string | number | boolean> = (value, reading) => {
  if (typeof value === 'string') return longText(value, reading);
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value;
  return wrongType(value, reading);
};

/** A time. One without an offset is kept and named, because it will be read in the facility's zone. */
export const time: Reader<string> = (value, reading) => {
  if (typeof value !== 'string') return wrongType(value, reading);
  if (value === '') return undefined;
  if (parseInstant(value) === undefined) return report(reading, 'TIME_UNREADABLE');
  if (!hasOffset(value)) report(reading, 'TIME_WITHOUT_ZONE', 'information');
  return value;
};

/**
 * A birth date, possibly partial. `20190203`, `2019/02/03` and a full time are brought to `YYYY-MM-DD` and named: a time is
 * taken to the legal zone first, since a midnight in Shanghai written in UTC is the day before.
 */
export const birthDate: Reader<string> = (value, reading) => {
  if (typeof value !== 'string') return wrongType(value, reading);
  if (value === '' || parsePartialDate(value) !== undefined) return value === '' ? undefined : value;
  const compact = BIRTH_COMPACT.exec(value);
  const date = compact === null ? undefined : parsePartialDate(`${compact[1]}-${compact[2]}-${compact[3]}`);
  const instant = parseInstant(value);
  const read = date ?? (instant === undefined ? undefined : localDate(instant));
  if (read === undefined) return report(reading, 'TIME_UNREADABLE');
  report(reading, 'VALUE_NORMALISED', 'information');
  return formatPartialDate(read);
};

/** One of a closed list. An unknown code is left out and named; with `otherwise` it becomes that, so that its neighbours stay. */
export function oneOf<T extends string>(codes: readonly T[], otherwise?: T): Reader<T> {
  const known: ReadonlySet<string> = new Set(codes);
  return (value, reading) => {
    if (typeof value === 'string' && known.has(value)) return value as T;
    report(reading, typeof value === 'string' ? 'FIELD_UNKNOWN_CODE' : 'FIELD_WRONG_TYPE');
    return otherwise;
  };
}

/** Keeps `null` where it means something of its own. */
export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (value, reading) => (value === null ? null : read(value, reading));
}

export interface ListOptions<T> {
  /** @defaultValue `SNAPSHOT_LIMITS.listLength` */
  readonly limit?: number;
  /** Which end of a list beyond the limit is read. @defaultValue `first` */
  readonly keep?: 'first' | 'last';
  /** Stands where an item could not be read, so that the position of the next one stays what the sender and the evidence say. */
  readonly instead?: T;
}

/** A list. An item that cannot be read is named, a `null` too, and left out or replaced. */
export function listOf<T>(read: Reader<T>, options: ListOptions<T> = {}): Reader<readonly T[]> {
  const { limit = SNAPSHOT_LIMITS.listLength, keep = 'first', instead } = options;
  return (value, reading) => {
    if (!Array.isArray(value)) return wrongType(value, reading);
    if (value.length > limit) report(reading, 'FIELD_TOO_LONG');
    const from = keep === 'last' ? Math.max(0, value.length - limit) : 0;
    const to = Math.min(value.length, from + limit);
    const items: T[] = [];
    for (let index = from; index < to; index += 1) {
      const item = readAt(index, read, value, reading) ?? instead;
      if (item !== undefined) items.push(item);
    }
    return items;
  };
}

/** `null` is how many feeds write "not given"; anything else of the wrong type is worth a word. */
export function wrongType(value: unknown, reading: Reading): undefined {
  return value === null ? undefined : report(reading, 'FIELD_WRONG_TYPE');
}
