import { type CalendarDate, type EncounterSnapshot, type PastEncounter, localDate, parseInstant } from '@zhida/core';
import { icd10Codes, icd9Code } from './codes.js';
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
  const readText = (text: string | undefined, section: string): void => {
    if (text !== undefined && work.mayRead(at, text.length)) read(text, section, (concept) => void concepts.add(concept));
  };
  readText(past.summary, 'present-illness');
  for (const { text, section } of past.notes ?? []) readText(text, section);
  const conditions = (past.conditions ?? []).filter(({ certainty }) => certainty !== 'ruled-out');
  for (const { text } of conditions) readText(text, 'assessment');
  const procedures = (past.procedures ?? []).filter(({ status }) => status !== 'entered-in-error' && status !== 'corrected');
  for (const { text } of procedures) readText(text, 'procedure');
  return {
    on: dayOf(past),
    concepts,
    codes: [
      ...conditions.flatMap(({ code }) => codesIn(code, at, work)),
      ...procedures.flatMap(({ code, system }) => (code === undefined ? [] : (icd9Code(code, system) ?? []))),
    ],
    at: past.summary === undefined ? at : `${at}.summary`,
    reported: typeof past.reportId === 'string' && past.reportId !== '',
  };
}

function codesIn(field: string | undefined, at: string, work: Work): readonly string[] {
  if (field === undefined || !work.mayRead(at, field.length)) return [];
  const codes = icd10Codes(field);
  work.spend(codes.length * WORK_OF_CODE);
  return codes;
}

function dayOf({ start, period }: PastEncounter): CalendarDate | undefined {
  const instant = parseInstant(start ?? period?.start ?? '');
  return instant === undefined ? undefined : localDate(instant);
}
