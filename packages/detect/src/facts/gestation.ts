import { type CalendarDate, type EncounterSnapshot, addDays, compareDates, completedYears, daysBetween } from '@zhida/core';
import type { GestationTerms } from '@zhida/packs';
import type { Evidence } from '../assessment.js';
import { foldText } from '../text/fold.js';
import { readAgeBefore, readGestationalAge } from '../text/gestational-age.js';
import { readWrittenDate } from '../text/written-date.js';
import type { AgeFact } from './age.js';
import type { Document, Facts } from './facts.js';

/** A gestational age as far as the words go: both ends in completed days on the day they were written. */
export interface Gestation {
  readonly minDays: number;
  readonly maxDays: number;
  readonly on: CalendarDate;
  readonly evidence: Evidence;
}

/** Whether a pregnancy began before an age, as far as the facts go. */
export interface ConceptionBefore {
  readonly answer: 'yes' | 'straddles' | 'no' | 'unknown';
  readonly evidence: readonly Evidence[];
}

/** Conception is taken 14 days after the first day of the last period. */
const DAYS_BEFORE_CONCEPTION = 14;
const TERM_DAYS = 280;
const GESTATION_DAYS_MAX = 315;
const SKIPPED_SECTIONS: ReadonlySet<string> = new Set(['past-history', 'family-history', 'companion', 'consent']);

/** Every gestational age the encounter names: in words, as a last period, in a structured result, in an ICD-10-CM code. */
export function readGestations(facts: Facts, terms: GestationTerms, fold: Uint16Array): Gestation[] {
  const found: Gestation[] = [];
  for (const document of facts.documents) {
    if (!SKIPPED_SECTIONS.has(document.section)) fromDocument(document, facts.on, fold, found);
  }
  fromObservations(facts.snapshot, facts.on, terms, fold, found);
  for (const { system, code, at } of facts.codes) {
    // ICD-10-CM Z3A.12: completed weeks.
    const weeks = system === 'icd-10' && code.startsWith('Z3A.') ? Number(code.slice(4)) : 0;
    if (weeks >= 8 && weeks <= 42) found.push({ minDays: weeks * 7, maxDays: weeks * 7 + 6, on: facts.on, evidence: { at } });
  }
  return found.filter(({ minDays, maxDays }) => minDays >= 14 && maxDays <= GESTATION_DAYS_MAX);
}

/**
 * Was she under `years` when she conceived? The greatest age named decides (the earliest conception), and the birthday
 * itself still counts as under. A delivery without an age is taken at term; any other pregnancy without one stays unknown
 * as long as the longest pregnancy could have begun in time.
 */
export function conceivedBefore(
  years: number,
  age: AgeFact,
  on: CalendarDate,
  gestations: readonly Gestation[],
  delivered: boolean,
): ConceptionBefore {
  if (age.birth === undefined) return { answer: 'unknown', evidence: [] };
  const { earliest: oldest, latest: youngest } = age.birth;
  if (gestations.length === 0) {
    const began = addDays(on, DAYS_BEFORE_CONCEPTION - TERM_DAYS);
    if (completedYears(youngest, began) >= years) return { answer: 'no', evidence: [] };
    return { answer: delivered && completedYears(oldest, began) < years ? 'yes' : 'unknown', evidence: [{ at: age.at }] };
  }
  const before = gestations.filter((gestation) => completedYears(youngest, conceptionOf(gestation, gestation.maxDays)) < years);
  if (before.length === 0) return { answer: 'no', evidence: [] };
  const latest = gestations
    .map((gestation) => conceptionOf(gestation, gestation.minDays))
    .reduce((a, b) => (compareDates(a, b) > 0 ? a : b));
  const evidence = [...before.map((gestation) => gestation.evidence), { at: age.at }];
  return { answer: completedYears(oldest, latest) < years ? 'yes' : 'straddles', evidence };
}

function conceptionOf({ on }: Gestation, days: number): CalendarDate {
  return addDays(on, DAYS_BEFORE_CONCEPTION - days);
}

function fromDocument(document: Document, on: CalendarDate, fold: Uint16Array, found: Gestation[]): void {
  const written = document.on ?? on;
  for (const { kind, start, end } of document.clauses.tokens) {
    if (kind !== 'gestation' && kind !== 'gestation-after' && kind !== 'last-period') continue;
    document.folded ??= foldText(document.text, fold);
    const read = kind === 'last-period' ? fromLastPeriod(document.folded, end, written) : readAges(document.folded, kind, start, end);
    if (read === undefined) continue;
    const from = Math.min(start, read.start);
    const to = Math.max(end, read.end);
    const evidence = { at: document.at, start: from, end: to, text: document.text.slice(from, to) };
    found.push({ minDays: read.minDays, maxDays: read.maxDays, on: written, evidence });
  }
}

interface Read {
  readonly minDays: number;
  readonly maxDays: number;
  readonly start: number;
  readonly end: number;
}

function readAges(folded: string, kind: 'gestation' | 'gestation-after', start: number, end: number): Read | undefined {
  return kind === 'gestation' ? readGestationalAge(folded, end) : readAgeBefore(folded, start);
}

function fromLastPeriod(folded: string, from: number, on: CalendarDate): Read | undefined {
  const date = readWrittenDate(folded, from, on);
  if (date === undefined) return undefined;
  const days = daysBetween(date.date, on);
  return days >= 0 ? { minDays: days, maxDays: days, start: from, end: date.end } : undefined;
}

function fromObservations(
  snapshot: EncounterSnapshot,
  on: CalendarDate,
  terms: GestationTerms,
  fold: Uint16Array,
  found: Gestation[],
): void {
  snapshot.observations?.forEach(({ code, value, unit }, index) => {
    if (code === undefined || value === undefined || value === null) return;
    const inWeeks = terms.loincWeeks.includes(code);
    if (!inWeeks && !terms.loincDays.includes(code)) return;
    const unitText = foldText(unit ?? '', fold);
    const asDays = unitText === '' ? !inWeeks : unitText.startsWith('d') || unitText.startsWith('天');
    const words = `${value}${typeof value === 'number' || !isNaN(Number(value)) ? (asDays ? 'd' : 'w') : ''}`;
    const read = readGestationalAge(foldText(words, fold), 0);
    if (read !== undefined)
      found.push({ minDays: read.minDays, maxDays: read.maxDays, on, evidence: { at: `observations[${index}].value` } });
  });
}
