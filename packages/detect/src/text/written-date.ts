import { type CalendarDate, addDays, compareDates, daysInMonth } from '@zhida/core';
import { isDigitAt } from './numbers.js';

const FILLER = ':=为是约于在(,，"“日期 ';
const FILLER_MAX = 6;
/** The first letters of the months in English, in order. */
export const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * A date as written behind 末次月经 or LMP, in folded text: `2026-04-22`, `2026年4月22日`, `4月22日`, `9.22`, `20 may 2026`, `2 weeks ago`.
 * Without a year it is the last such day that is not after `on`.
 */
export function readWrittenDate(text: string, from: number, on: CalendarDate): { date: CalendarDate; end: number } | undefined {
  let at = from;
  while (at < text.length && at - from < FILLER_MAX && FILLER.includes(text.charAt(at))) at += 1;
  return readEnglish(text, at, on) ?? readNumeric(text, at, on);
}

function readNumeric(text: string, from: number, on: CalendarDate): { date: CalendarDate; end: number } | undefined {
  const parts: number[] = [];
  let at = from;
  while (parts.length < 3) {
    const end = digitsEnd(text, at);
    if (end === at) break;
    parts.push(Number(text.slice(at, end)));
    at = end;
    if (!'-/.年月'.includes(text.charAt(at) || ' ') || !isDigitAt(text, at + 1)) break;
    at += 1;
  }
  const end = '日号'.includes(text.charAt(at) || ' ') ? at + 1 : at;
  if (parts.length === 3) return valid({ year: parts[0] ?? 0, month: parts[1] ?? 0, day: parts[2] ?? 0 }, end);
  return parts.length === 2 ? lastSuchDay(parts[0] ?? 0, parts[1] ?? 0, on, end) : undefined;
}

interface Word {
  readonly text: string;
  readonly end: number;
}

function readEnglish(text: string, from: number, on: CalendarDate): { date: CalendarDate; end: number } | undefined {
  const [first, second, third] = readWords(text, from);
  if (first === undefined || second === undefined) return undefined;
  if (third?.text === 'ago') return ago(Number(first.text), second.text, on, third.end);
  const dayFirst = monthOf(second.text) !== undefined;
  const month = monthOf(dayFirst ? second.text : first.text);
  const day = Number.parseInt(dayFirst ? first.text : second.text, 10);
  if (month === undefined || Number.isNaN(day)) return undefined;
  const year = third?.text.length === 4 ? Number(third.text) : Number.NaN;
  return Number.isInteger(year) ? valid({ year, month, day }, third?.end ?? second.end) : lastSuchDay(month, day, on, second.end);
}

/** Up to three words of digits and letters with spaces or commas between them. */
function readWords(text: string, from: number): Word[] {
  const words: Word[] = [];
  let at = from;
  while (words.length < 3) {
    const start = at;
    while (isDigitAt(text, at) || isSmallLetter(text, at)) at += 1;
    if (at === start) break;
    words.push({ text: text.slice(start, at), end: at });
    while (' ,'.includes(text.charAt(at) || 'x')) at += 1;
  }
  return words;
}

function ago(count: number, unit: string, on: CalendarDate, end: number): { date: CalendarDate; end: number } | undefined {
  const days = unit.startsWith('week') ? 7 : unit.startsWith('day') ? 1 : unit.startsWith('month') ? 30 : 0;
  return days === 0 || !Number.isInteger(count) ? undefined : { date: addDays(on, -count * days), end };
}

function lastSuchDay(month: number, day: number, on: CalendarDate, end: number): { date: CalendarDate; end: number } | undefined {
  const thisYear = { year: on.year, month, day };
  return valid(compareDates(thisYear, on) > 0 ? { ...thisYear, year: on.year - 1 } : thisYear, end);
}

function valid(date: CalendarDate, end: number): { date: CalendarDate; end: number } | undefined {
  return date.year >= 1900 && date.day >= 1 && date.day <= daysInMonth(date.year, date.month) ? { date, end } : undefined;
}

function monthOf(word: string): number | undefined {
  const index = MONTHS.indexOf(word.slice(0, 3));
  return index < 0 || word.length > 9 ? undefined : index + 1;
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  while (isDigitAt(text, at) && at - from < 4) at += 1;
  return at;
}

function isSmallLetter(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x61 && code <= 0x7a;
}
