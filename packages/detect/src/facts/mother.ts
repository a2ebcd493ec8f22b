import { type CalendarDate, addDays, ageBounds, daysBetween, earliestBirth, latestBirth, parsePartialDate } from '@zhida/core';
import type { EncounterSnapshot } from '@zhida/core';
import type { Evidence } from '../assessment.js';
import { foldText } from '../text/fold.js';
import { isDigitAt } from '../text/numbers.js';
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
const MOTHER_WORDS = ['母', '妈', '产妇', 'mother', 'mum', 'mom', 'mo '];
const REACH = 14;
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
    const found = readInText(document, delivered, fold);
    if (found !== undefined) return found;
  }
  return undefined;
}

function readInText(document: Document, delivered: CalendarDate, fold: Uint16Array): MotherFact | undefined {
  document.folded ??= foldText(document.text, fold);
  const text = document.folded;
  for (const { start, end, months, exact } of agesIn(text)) {
    const near = text.slice(Math.max(0, start - REACH), start) + text.slice(end, end + 8);
    if (!MOTHER_WORDS.some((word) => near.includes(word)) || months >= ADULT * 12 || months < YOUNGEST * 12) continue;
    const evidence = { at: document.at, start, end, text: document.text.slice(start, end) };
    return minorMother(bornFor(months, exact ? 1 : 12, delivered), delivered, evidence);
  }
  return undefined;
}

interface WrittenAge {
  readonly start: number;
  readonly end: number;
  readonly months: number;
  readonly exact: boolean;
}

/** `15岁`, `13岁5个月`, `aged 15`, `15-year-old`, `15 yo`. */
function agesIn(text: string): WrittenAge[] {
  const found: WrittenAge[] = [];
  for (const match of text.matchAll(
    /(\d{1,2})\s?(?:周?岁(?:(\d{1,2})个?月)?|[- ]?years?[- ]old|[- ]?yo\b|[- ]?y\/o|\s?y\b)|aged? (\d{1,2})\b/g,
  )) {
    if (isDigitAt(text, match.index - 1)) continue;
    const years = Number(match[1] ?? match[3]);
    const months = Number(match[2] ?? 0);
    found.push({ start: match.index, end: match.index + match[0].length, months: years * 12 + months, exact: match[2] !== undefined });
  }
  return found;
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
