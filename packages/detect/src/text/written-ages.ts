import { isLatinLetter } from './fold.js';
import { isDigitAt } from './numbers.js';

/** An age as a folded text writes it. */
export interface WrittenAge {
  readonly start: number;
  readonly end: number;
  readonly years: number;
  /** Only where the text says them: `13岁5个月`. */
  readonly months: number | undefined;
  /** The words put something at this age: `12岁时`, `at the age of 12`. */
  readonly past: boolean;
}

const YEARS_ZH = ['周岁', '岁'];
const THEN_AFTER = ['时', '那年', '的时候', '起', '开始', '就'];
const YEARS_EN = [
  '-year-old',
  '-years-old',
  ' year-old',
  ' years-old',
  ' year old',
  ' years old',
  'year-old',
  'yo',
  '-yo',
  ' yo',
  'y/o',
  ' y/o',
  '-y/o',
  '-yr-old',
  ' yr old',
  ' yrs',
  'yrs',
  ' yr',
  'yr',
  ' years',
  'y',
  ' y',
];
const MONTHS_EN = ['m', ' m', ' mo', ' months'];
const AGE_BEFORE = ['aged ', 'age '];
const THEN_BEFORE = ['at the age of ', 'at age of ', 'at the age ', 'at age ', 'was ', 'aged '];
const SCHOOL = '小学';
const SCHOOL_THEN = ['时', '期间', '的时候', '一年级时', '二年级时', '三年级时', '四年级时', '五年级时', '六年级时'];
/** The oldest a child leaves primary school. */
const SCHOOL_YEARS = 12;

/** Every age written between two positions of a folded text, in order. */
export function writtenAges(text: string, from = 0, to = text.length): WrittenAge[] {
  const found: WrittenAge[] = [];
  for (let at = from; at < to; at += 1) {
    if (!isDigitAt(text, at) || isDigitAt(text, at - 1)) continue;
    const age = readAge(text, at);
    if (age !== undefined && age.end <= to) found.push(age);
  }
  return found;
}

/** Ages at which something happened, as a sentence says it: `12岁时`, `at the age of 12`, `小学时`. */
export function agesThen(text: string, from: number, to: number): number[] {
  const ages = writtenAges(text, from, to)
    .filter(({ past }) => past)
    .map(({ years }) => years);
  for (let at = text.indexOf(SCHOOL, from); at >= 0 && at < to; at = text.indexOf(SCHOOL, at + 1)) {
    if (startsWithOneOf(text, at + SCHOOL.length, SCHOOL_THEN) !== undefined) ages.push(SCHOOL_YEARS);
  }
  return ages;
}

/** Whether one of the words begins between two positions of a folded text. */
export function hasWordWithin(text: string, words: readonly string[], from: number, to: number): boolean {
  for (let at = Math.max(0, from); at < to; at += 1) {
    const word = startsWithOneOf(text, at, words);
    if (word !== undefined && at + word.length <= to) return true;
  }
  return false;
}

function readAge(text: string, start: number): WrittenAge | undefined {
  const digits = isDigitAt(text, start + 1) ? 2 : 1;
  let end = start + digits;
  if (isDigitAt(text, end)) return undefined;
  const years = Number(text.slice(start, end));
  const chinese = startsWithOneOf(text, text.charAt(end) === ' ' ? end + 1 : end, YEARS_ZH);
  if (chinese !== undefined) {
    end += chinese.length + (text.charAt(end) === ' ' ? 1 : 0);
    const months = readMonths(text, end);
    return { start, end: months?.end ?? end, years, months: months?.months, past: startsWithOneOf(text, end, THEN_AFTER) !== undefined };
  }
  return readAgeInEnglish(text, { start, end, years });
}

function readAgeInEnglish(text: string, number: Pick<WrittenAge, 'start' | 'end' | 'years'>): WrittenAge | undefined {
  const { start, end } = number;
  const before = (words: readonly string[]): boolean => words.some((word) => text.endsWith(word, start));
  const unit = YEARS_EN.find((word) => text.startsWith(word, end) && !isLatinLetter(text.charCodeAt(end + word.length)));
  const past = before(THEN_BEFORE) && !isLatinLetter(text.charCodeAt(end));
  if (unit === undefined) return past || before(AGE_BEFORE) ? { ...number, months: undefined, past } : undefined;
  const months = readMonthsInEnglish(text, end + unit.length);
  return { ...number, end: months?.end ?? end + unit.length, months: months?.months, past };
}

/** `15 y 8 m`, `13y9m`. */
function readMonthsInEnglish(text: string, start: number): { months: number; end: number } | undefined {
  const first = text.charAt(start) === ' ' ? start + 1 : start;
  let end = first;
  while (end - first < 2 && isDigitAt(text, end)) end += 1;
  const word = MONTHS_EN.find((one) => text.startsWith(one, end) && !isLatinLetter(text.charCodeAt(end + one.length)));
  return end === first || word === undefined ? undefined : { months: Number(text.slice(first, end)), end: end + word.length };
}

function readMonths(text: string, start: number): { months: number; end: number } | undefined {
  let end = start;
  while (end - start < 2 && isDigitAt(text, end)) end += 1;
  if (end === start) return undefined;
  const months = Number(text.slice(start, end));
  const word = startsWithOneOf(text, end, ['个月', '月']);
  return word === undefined ? undefined : { months, end: end + word.length };
}

function startsWithOneOf(text: string, at: number, words: readonly string[]): string | undefined {
  return words.find((word) => text.startsWith(word, at));
}
