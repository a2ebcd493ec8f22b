import { parseInstant, parsePartialDate, zoneOffsetMs } from '@zhida/core';
import type { TimeFormat } from '../mapping/mapping.js';
import { YEAR_FIRST } from '../mapping/time-format.js';
import type { CellReading } from './cell.js';

const UNREADABLE: CellReading = { issue: 'TIME_UNREADABLE' };

/** A time as RFC 3339 with its offset; one without an offset is read in the zone, a date alone is its midnight. */
export function readTime(text: string, format: TimeFormat | undefined, zone: string): CellReading {
  const parts = partsOf(text, format);
  if (parts === undefined) return UNREADABLE;
  const local = `${dateOf(parts)}T${two(parts['H'])}:${two(parts['m'])}:${two(parts['s'])}`;
  const written = parts['zone']?.trim();
  if (written !== undefined) return parseInstant(local + written) === undefined ? UNREADABLE : { value: local + withColon(written) };
  const instantMs = parseInstant(local, zone);
  return instantMs === undefined ? UNREADABLE : { value: local + offsetText(zoneOffsetMs(instantMs, zone)) };
}

/** A date of birth as `YYYY-MM-DD`; the time some systems write after it does not count. Year and month alone are read too. */
export function readBirthDate(text: string, format: TimeFormat | undefined, zone: string): CellReading {
  if (format === undefined && parsePartialDate(text) !== undefined) return { value: text };
  const parts = partsOf(text, format);
  if (parts === undefined) return UNREADABLE;
  if (parts['zone'] !== undefined) {
    // A midnight here written in UTC is the day before: the date is that of the zone.
    const time = readTime(text, format, zone);
    const instantMs = 'value' in time ? parseInstant(String(time.value)) : undefined;
    return instantMs === undefined ? UNREADABLE : { value: new Date(instantMs + zoneOffsetMs(instantMs, zone)).toISOString().slice(0, 10) };
  }
  const date = dateOf(parts);
  return parsePartialDate(date) === undefined ? UNREADABLE : { value: date };
}

type Parts = Readonly<Record<string, string | undefined>>;

function partsOf(text: string, format: TimeFormat | undefined): Parts | undefined {
  for (const { pattern } of format === undefined ? YEAR_FIRST : [format]) {
    const groups = pattern.exec(text)?.groups;
    if (groups !== undefined) return groups;
  }
  return undefined;
}

function dateOf(parts: Parts): string {
  return `${parts['y']}-${two(parts['M'])}-${two(parts['d'])}`;
}

function two(part: string | undefined): string {
  return (part ?? '0').padStart(2, '0');
}

function withColon(offset: string): string {
  return offset.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
}

function offsetText(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  return `${offsetMs < 0 ? '-' : '+'}${two(String(Math.floor(minutes / 60)))}:${two(String(minutes % 60))}`;
}
