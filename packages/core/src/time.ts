import { type CalendarDate, daysInMonth } from './calendar.js';
import { ZhidaError } from './errors.js';

/** Where the law of this system counts days, and where a source time without an offset is read unless the facility says otherwise. */
export const DEFAULT_ZONE = 'Asia/Shanghai';

const SHANGHAI_OFFSET_MS = 8 * 3_600_000;
/** China had summer time until 1991; from here on Asia/Shanghai is +08:00 without exception. */
const SHANGHAI_FIXED_SINCE_MS = Date.UTC(1992, 0, 1);
const MS_PER_MINUTE = 60_000;

const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?([Zz]|[+-]\d{2}(?::?\d{2})?))?)?$/;

/** The calendar date an instant falls on in a zone. @throws ZhidaError `ZD_ERR_OPTION_INVALID` for an unknown zone or a time that is no instant. */
export function localDate(instantMs: number, zone: string = DEFAULT_ZONE): CalendarDate {
  const shifted = new Date(instantMs + zoneOffsetMs(instantMs, zone));
  return { year: shifted.getUTCFullYear(), month: shifted.getUTCMonth() + 1, day: shifted.getUTCDate() };
}

/**
 * Milliseconds since 1970 of an RFC 3339 time; `undefined` when the text is none.
 *
 * A time without an offset, or a date alone (its midnight), is read in `zone`, never in the zone of the machine. A time
 * that the zone's clocks skipped is read with the offset before the change.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` for an unknown zone.
 */
export function parseInstant(text: string, zone: string = DEFAULT_ZONE): number | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [Number(match[4] ?? 0), Number(match[5] ?? 0), Number(match[6] ?? 0)];
  // RFC 3339 §5.7 allows a leap second; it is read as the first moment of the next minute.
  if (year === 0 || day < 1 || day > daysInMonth(year, month) || hour > 23 || minute > 59 || second > 60) return undefined;
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const asUtc = new Date(0).setUTCFullYear(year, month - 1, day) + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds;
  return match[8] === undefined ? fromLocal(asUtc, zone) : fromOffset(asUtc, match[8]);
}

/** True when the text is a time that carries its own offset. */
export function hasOffset(text: string): boolean {
  return DATE_TIME.exec(text)?.[8] !== undefined;
}

/** Milliseconds to add to UTC to get the zone's wall clock at an instant. @throws ZhidaError `ZD_ERR_OPTION_INVALID` */
export function zoneOffsetMs(instantMs: number, zone: string = DEFAULT_ZONE): number {
  if (!(Math.abs(instantMs) <= 8.64e15))
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the time is outside the calendar', { at: 'instantMs' });
  if (zone === DEFAULT_ZONE && instantMs >= SHANGHAI_FIXED_SINCE_MS) return SHANGHAI_OFFSET_MS;
  if (zone === 'UTC' || zone === 'Z') return 0;
  const part: Record<string, number> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(instantMs)) part[type] = Number(value);
  const wall = new Date(0).setUTCFullYear(part['year'] ?? 0, (part['month'] ?? 1) - 1, part['day'] ?? 1);
  const seconds = ((part['hour'] ?? 0) * 60 + (part['minute'] ?? 0)) * 60 + (part['second'] ?? 0);
  return wall + seconds * 1000 - Math.floor(instantMs / 1000) * 1000;
}

function fromOffset(asUtc: number, offset: string): number | undefined {
  if (offset === 'Z' || offset === 'z') return asUtc;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(3).replace(':', '') || 0);
  if (hours > 23 || minutes > 59) return undefined;
  const distance = (hours * 60 + minutes) * MS_PER_MINUTE;
  return offset.startsWith('-') ? asUtc + distance : asUtc - distance;
}

function fromLocal(asUtc: number, zone: string): number {
  if (zone === DEFAULT_ZONE && asUtc - SHANGHAI_OFFSET_MS >= SHANGHAI_FIXED_SINCE_MS) return asUtc - SHANGHAI_OFFSET_MS;
  const before = zoneOffsetMs(asUtc - 86_400_000, zone);
  const guess = asUtc - before;
  if (zoneOffsetMs(guess, zone) === before) return guess;
  const after = asUtc - zoneOffsetMs(guess, zone);
  return zoneOffsetMs(after, zone) === asUtc - after ? after : guess;
}

// One formatter costs some 50 µs to build; a county has one zone, so the cache stays small. The bound is for hostile callers.
const formatters = new Map<string, Intl.DateTimeFormat>();
const FORMATTERS_MAX = 64;

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  let formatter: Intl.DateTimeFormat;
  try {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the time zone is not an IANA name', { at: 'zone', cause });
  }
  if (formatters.size >= FORMATTERS_MAX) formatters.clear();
  formatters.set(zone, formatter);
  return formatter;
}
