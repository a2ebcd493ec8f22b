import { type CalendarDate, type EncounterSnapshot, type PastEncounter, localDate, parseInstant } from '@zhida/core';
import { icd10Codes } from './codes.js';

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
export function readVisits({ history }: EncounterSnapshot, read: ReadConcepts): VisitFact[] {
  return (history ?? []).map((past, index) => readVisit(past, `history[${index}]`, read));
}

function readVisit(past: PastEncounter, at: string, read: ReadConcepts): VisitFact {
  const concepts = new Set<number>();
  const codes: string[] = [];
  const see = (concept: number): void => void concepts.add(concept);
  if (past.summary !== undefined) read(past.summary, 'present-illness', see);
  for (const { text, section } of past.notes ?? []) read(text, section, see);
  for (const { code, text, certainty } of past.conditions ?? []) {
    if (certainty === 'ruled-out') continue;
    if (text !== undefined) read(text, 'assessment', see);
    if (code !== undefined) codes.push(...icd10Codes(code));
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
