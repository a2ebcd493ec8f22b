import { type CalendarDate, type EncounterSnapshot, type PastEncounter, localDate, parseInstant } from '@zhida/core';
import { icd10Codes } from './codes.js';
import { WORK_OF_CODE, type Work } from './work.js';

/** What an earlier visit was about: the concepts its words assert of the patient, and its codes. */
export interface VisitFact {
  readonly on: CalendarDate | undefined;
  readonly concepts: Set<number>;
  readonly codes: readonly string[];
  readonly at: string;
  readonly reported: boolean;
}

/** Gives every concept a text asserts of the patient. */
export type ReadConcepts = (text: string, section: string, see: (concept: number) => void) => void;

/** Reads the earlier visits the feed sends along. */
export function readVisits({ history }: EncounterSnapshot, work: Work, read: ReadConcepts): VisitFact[] {
  return (history ?? []).map((past, index) => readVisit(past, `history[${index}]`, work, read));
}

function readVisit(past: PastEncounter, at: string, work: Work, read: ReadConcepts): VisitFact {
  const concepts = new Set<number>();
  const codes: string[] = [];
  const see = (concept: number): void => void concepts.add(concept);
  const readText = (text: string, section: string): void => {
    if (work.mayRead(at, text.length)) read(text, section, see);
  };
  if (past.summary !== undefined) readText(past.summary, 'present-illness');
  for (const { text, section } of past.notes ?? []) readText(text, section);
  for (const { code, text, certainty } of past.conditions ?? []) {
    if (certainty === 'ruled-out') continue;
    if (text !== undefined) readText(text, 'assessment');
    if (code === undefined || !work.mayRead(at, code.length)) continue;
    const own = icd10Codes(code);
    work.spend(own.length * WORK_OF_CODE);
    codes.push(...own);
  }
  const start = past.start ?? past.period?.start;
  const instant = start === undefined ? undefined : parseInstant(start);
  return {
    on: instant === undefined ? undefined : localDate(instant),
    concepts,
    codes,
    at: past.summary === undefined ? at : `${at}.summary`,
    reported: typeof past.reportId === 'string' && past.reportId !== '',
  };
}
