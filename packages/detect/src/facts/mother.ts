import { type CalendarDate, addDays, ageBounds, daysBetween, earliestBirth, latestBirth, parsePartialDate } from '@zhida/core';
import type { EncounterSnapshot } from '@zhida/core';
import type { Evidence } from '../assessment.js';
import { foldText } from '../text/fold.js';
import { hasWordWithin, writtenAges } from '../text/written-ages.js';
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
/** 初潮13岁, 初孕年龄16岁: how old she was at something else. */
const THEN_WORDS = ['初孕', '初潮', '初婚', '初产年龄', '首孕', '首次怀孕', '结婚年龄', 'menarche', 'first pregnan'];
const REACH = 14;
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
    const found = readInText(document, delivered, fold);
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
    if (hasWordWithin(text, THEN_WORDS, start - REACH_THEN, start) || hasWordWithin(text, THEN_WORDS, end, end + REACH_THEN_AFTER))
      continue;
    const evidence = { at: document.at, start, end, text: document.text.slice(start, end) };
    return minorMother(bornFor(total, months === undefined ? 12 : 1, delivered), delivered, evidence);
  }
  return undefined;
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
