import { DEFAULT_ZONE, daysInMonth, formatPartialDate, localDate, parseInstant, parsePartialDate, zoneOffsetMs } from '@zhida/core';
import type { IssueLog } from '../issue-log.js';
import { type Segment, placeOf } from '../wire/segment.js';

const COMPACT = /^(\d{4})(\d{2})?(\d{2})?(?:(\d{2})(\d{2})?(\d{2})?(?:\.(\d{1,6}))?)?([+-]\d{4})?$/;
const WRITTEN = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?$/;
const FIXED_SINCE = '1992';

/**
 * A time (TS, DTM, DT) as RFC 3339 with its offset; one without is read in the facility's zone. A year or a month alone is
 * no time. `undefined` for an empty field without an issue, for an unreadable one with `TIME_UNREADABLE`.
 */
export function timeAt(segment: Segment, field: number, zone: string, log: IssueLog): string | undefined {
  const text = segment.text(field);
  if (text === undefined) return undefined;
  const time = readTime(text, zone);
  if (time === undefined) log.add('TIME_UNREADABLE', placeOf(segment, field), 'information');
  return time;
}

/** As {@link timeAt}, from the text itself. */
export function readTime(text: string, zone: string): string | undefined {
  const match = COMPACT.exec(text) ?? WRITTEN.exec(text);
  if (match === null || match[3] === undefined) return undefined;
  const local = localText(match);
  if (local === undefined) return undefined;
  const isWritten = text.charAt(4) < '0' || text.charAt(4) > '9';
  const offset = offsetText(isWritten ? match[7] : match[8]);
  if (offset !== undefined) return local + offset;
  if (zone === DEFAULT_ZONE && local >= FIXED_SINCE) return `${local}+08:00`;
  const instant = parseInstant(local, zone);
  return instant === undefined ? undefined : local + offsetOf(zoneOffsetMs(instant, zone));
}

/** Date and time of day without an offset; `undefined` for one that never was. */
function localText([, year = '', month = '', day = '', hour = '00', minute = '00', second = '00']: RegExpExecArray): string | undefined {
  const isDate = Number(year) > 0 && Number(day) >= 1 && Number(day) <= daysInMonth(Number(year), Number(month));
  if (!isDate || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}T${hour.padStart(2, '0')}:${minute}:${second}`;
}

/**
 * A birth date: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. A time of day is cut off, after it was taken to the legal zone where it has an
 * offset: a midnight here written in UTC is the day before. Zeros in place of a month or a day say it is not known.
 */
export function birthDateOf(text: string): string | undefined {
  const match = COMPACT.exec(text) ?? WRITTEN.exec(text);
  if (match === null) return undefined;
  const instant =
    match[4] !== undefined && /(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? parseInstant(readTime(text, DEFAULT_ZONE) ?? '') : undefined;
  if (instant !== undefined) return formatPartialDate(localDate(instant));
  const [, year = '', month = '00', day = '00'] = match;
  const parts = [year, month.padStart(2, '0'), day.padStart(2, '0')];
  const known = parts[1] === '00' ? parts.slice(0, 1) : parts[2] === '00' ? parts.slice(0, 2) : parts;
  const date = parsePartialDate(known.join('-'));
  return date === undefined ? undefined : formatPartialDate(date);
}

/** `undefined` for none, and for one no clock has: then the time is read in the facility's zone. */
function offsetText(offset: string | undefined): string | undefined {
  if (offset === undefined || offset === 'Z') return offset;
  const [hours, minutes] = [offset.slice(0, 3), offset.slice(-2)];
  return Number(hours.slice(1)) > 23 || Number(minutes) > 59 ? undefined : `${hours}:${minutes}`;
}

function offsetOf(milliseconds: number): string {
  const minutes = Math.round(Math.abs(milliseconds) / 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${milliseconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
