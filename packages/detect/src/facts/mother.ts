import { type CalendarDate, addDays, ageBounds, daysBetween, earliestBirth, latestBirth, parsePartialDate } from '@zhida/core';
import type { EncounterSnapshot } from '@zhida/core';
import type { Evidence } from '../assessment.js';
import { foldText } from '../text/fold.js';
import { isDigitAt } from '../text/numbers.js';
import { hasWordWithin, writtenAges } from '../text/written-ages.js';
import { MONTHS, readWrittenDate } from '../text/written-date.js';
import type { AgeFact } from './age.js';
import type { Document } from './facts.js';

/** The age of a newborn's mother, from the record of the newborn. */
export interface MotherFact {
  readonly age: AgeFact;
  /** The day she gave birth. */
  readonly delivered: CalendarDate;
  readonly evidence: Evidence;
}

const NEWBORN_DAYS = 42;
const MOTHER_WORDS = ['母', '妈', '产妇', 'mother', 'mum', 'mom', 'mam ', 'mo ', 'mat ', 'mat.', 'mat:', 'primi', 'g1', 'b/o '];
/** Who else's age or birth a newborn's record tells. */
const OTHER_ADULT_WORDS = ['父', '爸', 'father', 'dad', 'fob', 'partner', 'aunt', 'uncle', 'cousin'];
/** 初潮13岁, 初孕年龄16岁: how old she was at something else. */
const THEN_WORDS = ['初孕', '初潮', '初婚', '初产年龄', '首孕', '首次怀孕', '结婚年龄', 'menarche', 'first pregnan'];
/** 第一胎，已13岁: somebody else's age or birth, said behind the mother's. */
const OTHER_CHILD_WORDS = [
  '一胎',
  '二胎',
  '头胎',
  '前胎',
  '上胎',
  '长子',
  '长女',
  '次子',
  '次女',
  '大儿',
  '大女',
  '大宝',
  '老大',
  '大的',
  '小的',
  '老二',
  '哥',
  '兄',
  '弟',
  '妹',
  '姐',
  '育有',
  '已育',
  '有一子',
  '有一女',
  '子女',
  '孩子',
  'sibling',
  'brother',
  'sister',
  'older child',
  'first child',
  'eldest',
  'son ',
  'daughter',
];
const OTHER_WORDS = [...OTHER_CHILD_WORDS, ...OTHER_ADULT_WORDS];
const BORN_WORDS = ['生于', '出生', '生日', '生辰', '年月', 'dob', 'born', 'd.o.b', 'birth', ' b.'];
/** 13岁时阑尾炎手术, unless she gave birth then. */
const PAST_WORDS = ['时', '那年'];
const GAVE_BIRTH_WORDS = ['生', '产', '娩', '孕'];
/** Minors who give birth were born in this one. */
const CENTURY = '20';
const NAMED_MONTH_MAX = 20;
const REACH = 14;
const REACH_BIRTH = 40;
const REACH_AFTER = 8;
const REACH_THEN = 8;
const REACH_THEN_AFTER = 4;
const ADULT = 18;
const YOUNGEST = 8;

/** A birth record, or a child of at most six weeks. */
export function isNewborn(snapshot: EncounterSnapshot, child: AgeFact, on: CalendarDate): boolean {
  if (child.birth === undefined) return snapshot.class === 'birth';
  return daysBetween(child.birth.latest, on) <= NEWBORN_DAYS && (child.bounds?.min.days ?? 0) <= NEWBORN_DAYS;
}

/** Reads it in the record of a newborn; an adult mother is no fact. */
export function readMother(
  snapshot: EncounterSnapshot,
  documents: readonly Document[],
  child: AgeFact,
  on: CalendarDate,
  fold: Uint16Array,
): MotherFact | undefined {
  const delivered = child.birth?.latest ?? on;
  const written = parsePartialDate(snapshot.mother?.birthDate ?? '');
  if (written !== undefined) {
    const birth = { earliest: earliestBirth(written), latest: latestBirth(written) };
    return minorMother(birth, delivered, { at: 'mother.birthDate' });
  }
  const stated = snapshot.mother?.age;
  if (typeof stated === 'number' && Number.isFinite(stated) && stated >= YOUNGEST && stated < ADULT)
    return minorMother(bornFor(Math.floor(stated) * 12, 12, delivered), delivered, { at: 'mother.age' });
  for (const document of documents) {
    const found = readInText(document, delivered, fold) ?? readBirthInText(document, delivered);
    if (found !== undefined) return found;
  }
  return undefined;
}

function readInText(document: Document, delivered: CalendarDate, fold: Uint16Array): MotherFact | undefined {
  document.folded ??= foldText(document.text, fold);
  const text = document.folded;
  for (const { start, end, years, months } of writtenAges(text)) {
    const total = years * 12 + (months ?? 0);
    if (total >= ADULT * 12 || total < YOUNGEST * 12) continue;
    if (!hasWordWithin(text, MOTHER_WORDS, start - REACH, start) && !hasWordWithin(text, MOTHER_WORDS, end, end + REACH_AFTER)) continue;
    if (hasWordWithin(text, OTHER_WORDS, behindMother(text, start), start)) continue;
    if (hasWordWithin(text, THEN_WORDS, start - REACH_THEN, start) || hasWordWithin(text, THEN_WORDS, end, end + REACH_THEN_AFTER))
      continue;
    if (hasWordWithin(text, PAST_WORDS, end, end + 2) && !hasWordWithin(text, GAVE_BIRTH_WORDS, end, end + 5)) continue;
    const evidence = { at: document.at, start, end, text: document.text.slice(start, end) };
    return minorMother(bornFor(total, months === undefined ? 12 : 1, delivered), delivered, evidence);
  }
  return undefined;
}

/** 母亲生于2011-10-30: the mother's birth as the words give it, where it makes her a minor at the birth. */
function readBirthInText(document: Document, delivered: CalendarDate): MotherFact | undefined {
  const text = document.folded ?? document.text;
  for (let at = text.indexOf(CENTURY); at >= 0; at = text.indexOf(CENTURY, at + 1)) {
    if (isDigitAt(text, at - 1) || !hasWordWithin(text, MOTHER_WORDS, at - REACH_BIRTH, at)) continue;
    const written = readDateOrMonth(text, at, delivered);
    const from = behindMother(text, at, REACH_BIRTH);
    if (written === undefined || hasWordWithin(text, OTHER_WORDS, from, at)) continue;
    const { birth, end } = written;
    if (!hasWordWithin(text, BORN_WORDS, from, at) && !hasWordWithin(text, ['生', '出生'], end, end + 3)) continue;
    if (ageBounds(birth.earliest, delivered).max.years < YOUNGEST) continue;
    const mother = minorMother(birth, delivered, { at: document.at, start: at, end, text: document.text.slice(at, end) });
    if (mother !== undefined) return mother;
  }
  return undefined;
}

type Span = { earliest: CalendarDate; latest: CalendarDate };

/** `2011-10-30` or `2011年10月`, from the place where its year begins. */
function readDateOrMonth(text: string, at: number, on: CalendarDate): { birth: Span; end: number } | undefined {
  const day = readWrittenDate(text, at, on);
  if (day !== undefined) return { birth: { earliest: day.date, latest: day.date }, end: day.end };
  const year = text.slice(at, at + 4);
  const before = readDayBefore(text, at, year) ?? readNamedMonthBefore(text, at, year);
  if (before !== undefined) return { birth: before, end: at + 4 };
  const month = at + 5;
  const end = month + (isDigitAt(text, month + 1) ? 2 : 1);
  if (!isDigitAt(text, month - 2) || !'-/.年'.includes(text.charAt(month - 1)) || !isDigitAt(text, month)) return undefined;
  const birth = spanOf([year, text.slice(month, end)]);
  return birth === undefined ? undefined : { birth, end };
}

/** `30/10/2011`, from the place of its year. */
function readDayBefore(text: string, at: number, year: string): Span | undefined {
  const [day = '', month = '', rest] = text
    .slice(text.lastIndexOf(' ', at) + 1, at)
    .replaceAll('.', '/')
    .split('/');
  return rest !== '' || day === '' || month === '' ? undefined : spanOf([year, month, day]);
}

/** `Nov 2012`, `9 Nov 2012`, from the place of its year. */
function readNamedMonthBefore(text: string, at: number, year: string): Span | undefined {
  const words = text
    .slice(Math.max(0, at - NAMED_MONTH_MAX), at)
    .trim()
    .split(' ');
  const month = MONTHS.indexOf((words.at(-1) ?? '').slice(0, 3)) + 1;
  if (month === 0) return undefined;
  const day = Number.parseInt(words.at(-2) ?? '', 10);
  return spanOf([year, String(month), ...(day <= 31 ? [String(day)] : [])]);
}

/** The first and the last day that a date, or a month, may be. */
function spanOf(parts: readonly string[]): Span | undefined {
  const written = parsePartialDate(parts.map((part) => part.padStart(2, '0')).join('-'));
  return written === undefined ? undefined : { earliest: earliestBirth(written), latest: latestBirth(written) };
}

/** The end of the last word for the mother before a place, or how far back such a word is looked for. */
function behindMother(text: string, at: number, reach = REACH): number {
  const from = Math.max(0, at - reach);
  const before = text.slice(from, at);
  const ends = MOTHER_WORDS.filter((word) => before.includes(word)).map((word) => before.lastIndexOf(word) + word.length);
  return from + Math.max(0, ...ends);
}

function bornFor(months: number, span: number, on: CalendarDate): { earliest: CalendarDate; latest: CalendarDate } {
  return { latest: addDays(on, -Math.floor(months * 30.4375)), earliest: addDays(on, -Math.ceil((months + span) * 30.4375)) };
}

function minorMother(
  birth: { earliest: CalendarDate; latest: CalendarDate },
  delivered: CalendarDate,
  evidence: Evidence,
): MotherFact | undefined {
  const youngest = ageBounds(birth.latest, delivered).min;
  const oldest = ageBounds(birth.earliest, delivered).max;
  if (youngest.years >= ADULT) return undefined;
  const age: AgeFact = {
    minor: 'yes',
    basis: 'stated',
    bounds: { min: youngest, max: oldest },
    birth,
    statedMonths: undefined,
    monthsKnown: true,
    at: evidence.at,
  };
  return { age, delivered, evidence };
}
