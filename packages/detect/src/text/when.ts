import { isDigitAt } from './numbers.js';
import { SPACE_CODES } from './fold.js';

/** How long ago the words of a sentence put something: completed days, both ends. */
export interface Ago {
  readonly minDays: number;
  readonly maxDays: number;
}

const WORDS: readonly (readonly [string, number, number])[] = [
  ['今天', 0, 0],
  ['今日', 0, 0],
  ['今晨', 0, 0],
  ['昨天', 1, 1],
  ['昨日', 1, 1],
  ['昨晚', 1, 1],
  ['昨夜', 1, 1],
  ['前天', 2, 2],
  ['前晚', 2, 2],
  ['大前天', 3, 3],
  ['上周', 3, 13],
  ['上个月', 15, 60],
  ['上月', 15, 60],
  ['去年', 60, 730],
  ['前年', 400, 1095],
  ['yesterday', 1, 1],
  ['last night', 1, 1],
  ['two nights ago', 2, 2],
  ['last week', 3, 13],
  ['last month', 15, 60],
  ['last year', 60, 730],
];
const UNITS: readonly (readonly [string, number, number])[] = [
  ['小时', 1 / 24, 1 / 24],
  ['分钟', 0, 0],
  ['天', 1, 1],
  ['日', 1, 1],
  ['周', 7, 7],
  ['礼拜', 7, 7],
  ['星期', 7, 7],
  ['个月', 28, 31],
  ['月', 28, 31],
  ['宿', 1, 1],
  ['夜', 1, 1],
  ['晚', 1, 1],
  ['年', 365, 366],
  ['hours', 1 / 24, 1 / 24],
  ['hour', 1 / 24, 1 / 24],
  ['days', 1, 1],
  ['day', 1, 1],
  ['weeks', 7, 7],
  ['week', 7, 7],
  ['months', 28, 31],
  ['month', 28, 31],
  ['years', 365, 366],
  ['year', 365, 366],
];
const BEFORE_WORDS = ['前', '以前', '之前', 'ago'];
const CHINESE_DIGITS = '零一二三四五六七八九十';
const MORE = '余多+几';

/** Every time back from the day of writing named in a stretch of folded text: 昨天, 3天前, 半年前, `two months ago`. */
export function readTimesAgo(folded: string, from: number, to: number): Ago[] {
  const found: Ago[] = [];
  for (const [word, minDays, maxDays] of WORDS) {
    const at = folded.indexOf(word, from);
    if (at >= 0 && at < to) found.push({ minDays, maxDays });
  }
  for (let at = from; at < to; at += 1) {
    const number = readCount(folded, at);
    if (number === undefined) continue;
    const ago = readUnitAgo(folded, number);
    if (ago !== undefined) found.push(ago);
    at = number.end - 1;
  }
  return found;
}

const NOT_LASTING = '龄岁日号次内后';

/** Every length of time named in a stretch of folded text, with or without 前: 3天, 1周, 半月, `for 5 days`. */
export function readDurations(folded: string, from: number, to: number): Ago[] {
  const found: Ago[] = [];
  for (let at = from; at < to; at += 1) {
    const number = readCount(folded, at);
    if (number === undefined) continue;
    const unit = readUnit(folded, number);
    const next = unit === undefined ? '' : folded.charAt(skipSpaces(folded, unit.end));
    if (unit !== undefined && !NOT_LASTING.includes(next || ' ') && !isDigitAt(folded, unit.end)) found.push(unit.span);
    at = number.end - 1;
  }
  return found;
}

interface Count {
  readonly low: number;
  readonly high: number;
  readonly end: number;
}

function readUnitAgo(text: string, count: Count): Ago | undefined {
  const unit = readUnit(text, count);
  if (unit === undefined) return undefined;
  const behind = skipSpaces(text, unit.end);
  return BEFORE_WORDS.some((word) => text.startsWith(word, behind)) ? unit.span : undefined;
}

function readUnit(text: string, { low, high, end }: Count): { span: Ago; end: number } | undefined {
  const at = skipSpaces(text, MORE.includes(text.charAt(end) || ' ') ? end + 1 : end);
  for (const [unit, shortest, longest] of UNITS) {
    if (!text.startsWith(unit, at)) continue;
    const more = MORE.includes(text.charAt(at + unit.length) || ' ') ? 1 : 0;
    const span = { minDays: Math.floor(low * shortest), maxDays: Math.ceil((high + more) * longest) };
    return { span, end: at + unit.length + more };
  }
  return undefined;
}

function readCount(text: string, at: number): Count | undefined {
  let end = at;
  while (isDigitAt(text, end) && end - at < 4) end += 1;
  if (end > at) return { low: Number(text.slice(at, end)), high: Number(text.slice(at, end)), end };
  if (text.charAt(at) === '半') return { low: 0.5, high: 0.5, end: at + 1 };
  if (text.startsWith('好几', at) || text.startsWith('好多', at)) return { low: 2, high: 30, end: at + 2 };
  if (text.charAt(at) === '数' || text.charAt(at) === '几') return { low: 2, high: 9, end: at + 1 };
  const digit = text.charAt(at) === '两' ? 2 : CHINESE_DIGITS.indexOf(text.charAt(at) || ' ');
  return digit > 0 ? { low: digit, high: digit, end: at + 1 } : undefined;
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (SPACE_CODES.has(text.charCodeAt(at))) at += 1;
  return at;
}
