import { SPACE_CODES, isLatinLetter } from './fold.js';
import { isDigitAt } from './numbers.js';

/** A span of completed days, and where it stands in the folded text. */
export interface DaySpan {
  readonly minDays: number;
  readonly maxDays: number;
  readonly start: number;
  readonly end: number;
}

const FILLER = ':=约近为示是约的已第达大于(,，?？当相为；约、单活胎 ';
const FILLER_MAX = 8;
const MONTH_DAYS_MIN = 28;
const MONTH_DAYS_MAX = 31;
const WEEKS_MAX = 45;
/** After these a number of weeks is a time to come or gone, not an age: 1周后复诊. */
const TIME_WORDS = ['后', '前', '内', '一次', '复', '来', 'ago', 'later', 'after'];
const CHINESE_DIGITS = '零一二三四五六七八九';

type Unit = 'week' | 'day' | 'month';
const UNITS: readonly (readonly [string, Unit])[] = [
  ['个多月', 'month'],
  ['个月', 'month'],
  ['月', 'month'],
  ['months', 'month'],
  ['month', 'month'],
  ['孕周', 'week'],
  ['周', 'week'],
  ['weeks', 'week'],
  ['week', 'week'],
  ['wks', 'week'],
  ['wk', 'week'],
  ['w', 'week'],
  ['天', 'day'],
  ['日', 'day'],
  ['days', 'day'],
  ['day', 'day'],
  ['d', 'day'],
];

/**
 * The gestational age behind a word for pregnancy, in folded text: `32+2周`, `12w3d`, `8周+3天`, `50+天`, `3月余`, `3~4月`, `8+6`.
 * A plain number of weeks leaves six days open, `5+周` as well, months are taken at their shortest and longest.
 */
export function readGestationalAge(text: string, from: number): DaySpan | undefined {
  let at = from;
  while (at < text.length && at - from < FILLER_MAX && FILLER.includes(text.charAt(at))) at += 1;
  const first = readWhole(text, at);
  if (first === undefined) return undefined;
  const range = readRange(text, first.end);
  const numberEnd = range?.end ?? first.end;
  const plus = readPlus(text, numberEnd);
  const unit = readUnit(text, plus?.end ?? numberEnd);
  if (unit === undefined) {
    // "IUP 8+6": two numbers joined by a plus need no unit.
    return plus?.value === undefined ? undefined : exactWeeks(first.value, plus.value, at, plus.end);
  }
  return isTimeWord(text, unit.end)
    ? undefined
    : spanOf(text, { at, number: { low: first.value, high: range?.value ?? first.value }, plus, unit });
}

/** The age in front of "weeks pregnant": `21`, `20+1`. */
export function readAgeBefore(text: string, before: number): DaySpan | undefined {
  let start = before;
  while (start > 0 && (isDigitAt(text, start - 1) || '+ -'.includes(text.charAt(start - 1))) && before - start < 8) start -= 1;
  while (start < before && !isDigitAt(text, start)) start += 1;
  const first = readWhole(text, start);
  if (first === undefined || first.value > WEEKS_MAX) return undefined;
  const plus = readPlus(text, first.end);
  if (plus?.value !== undefined) return exactWeeks(first.value, plus.value, start, before);
  return { minDays: first.value * 7, maxDays: first.value * 7 + 6, start, end: before };
}

interface Parts {
  readonly at: number;
  readonly number: { readonly low: number; readonly high: number };
  readonly plus: { readonly value: number | undefined; readonly end: number } | undefined;
  readonly unit: { readonly unit: Unit; readonly end: number };
}

function spanOf(text: string, { at, number, plus, unit }: Parts): DaySpan | undefined {
  const more = readMore(text, unit.end);
  if (unit.unit === 'week') {
    if (number.high > WEEKS_MAX) return undefined;
    if (plus?.value !== undefined && plus.value < 7) return exactWeeks(number.low, plus.value, at, unit.end);
    const days = readExtraDays(text, unit.end);
    if (days !== undefined) return exactWeeks(number.low, days.value, at, days.end);
    return { minDays: number.low * 7, maxDays: number.high * 7 + 6, start: at, end: more.end };
  }
  if (unit.unit === 'day') {
    return { minDays: number.low, maxDays: number.high + (plus === undefined && !more.more ? 0 : 9), start: at, end: more.end };
  }
  const open = more.more || plus !== undefined ? MONTH_DAYS_MAX - 1 : 0;
  return { minDays: number.low * MONTH_DAYS_MIN, maxDays: number.high * MONTH_DAYS_MAX + open, start: at, end: more.end };
}

function exactWeeks(weeks: number, days: number, start: number, end: number): DaySpan | undefined {
  return weeks <= WEEKS_MAX && days < 7 ? { minDays: weeks * 7 + days, maxDays: weeks * 7 + days, start, end } : undefined;
}

function readWhole(text: string, at: number): { value: number; end: number } | undefined {
  let end = at;
  while (isDigitAt(text, end) && end - at < 3) end += 1;
  if (end > at) return { value: Number(text.slice(at, end)), end };
  return readChinese(text, at);
}

/** 八, 十二, 二十, 三十六. */
function readChinese(text: string, at: number): { value: number; end: number } | undefined {
  let end = at;
  let value = 0;
  const tens = CHINESE_DIGITS.indexOf(text.charAt(end) || ' ');
  if (tens > 0) {
    value = tens;
    end += 1;
  }
  if (text.charAt(end) === '十') {
    value = (value || 1) * 10;
    end += 1;
    const ones = CHINESE_DIGITS.indexOf(text.charAt(end) || ' ');
    if (ones > 0) {
      value += ones;
      end += 1;
    }
  }
  return end > at ? { value, end } : undefined;
}

function readRange(text: string, at: number): { value: number; end: number } | undefined {
  if (!'~-–至到'.includes(text.charAt(at) || ' ')) return undefined;
  return readWhole(text, at + 1);
}

function readPlus(text: string, at: number): { value: number | undefined; end: number } | undefined {
  if (text.charAt(at) !== '+') return undefined;
  const days = isDigitAt(text, at + 1) && !isDigitAt(text, at + 2) ? Number(text.charAt(at + 1)) : undefined;
  return { value: days, end: at + (days === undefined ? 1 : 2) };
}

function readUnit(text: string, from: number): { unit: Unit; end: number } | undefined {
  let at = from;
  while (SPACE_CODES.has(text.charCodeAt(at)) || text.charAt(at) === '-') at += 1;
  for (const [word, unit] of UNITS) {
    const end = at + word.length;
    if (!text.startsWith(word, at)) continue;
    if (isLatinLetter(word.charCodeAt(0)) && isLatinLetter(text.charCodeAt(end))) continue;
    return { unit, end };
  }
  return undefined;
}

function readMore(text: string, at: number): { more: boolean; end: number } {
  const more = '余多+半'.includes(text.charAt(at) || ' ');
  return { more, end: more ? at + 1 : at };
}

/** `12w3d`, `8周+3天`, `8周3天`. */
function readExtraDays(text: string, at: number): { value: number; end: number } | undefined {
  const from = text.charAt(at) === '+' || text.charAt(at) === ' ' ? at + 1 : at;
  if (!isDigitAt(text, from) || isDigitAt(text, from + 1)) return undefined;
  const unit = readUnit(text, from + 1);
  return unit?.unit === 'day' ? { value: Number(text.charAt(from)), end: unit.end } : undefined;
}

function isTimeWord(text: string, at: number): boolean {
  let next = at;
  while (SPACE_CODES.has(text.charCodeAt(next))) next += 1;
  return TIME_WORDS.some((word) => text.startsWith(word, next));
}
