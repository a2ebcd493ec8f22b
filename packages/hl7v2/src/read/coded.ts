import { table } from '@zhida/core';
import type { Segment } from '../wire/segment.js';

/** A coded value (CE, CWE, CNE). */
export interface Coded {
  readonly code: string | undefined;
  readonly text: string | undefined;
  readonly system: string | undefined;
}

/** HL7 table 0396 and the names in use, to the names of the snapshot contract. */
const SYSTEMS = table<string>({
  I10: 'icd-10',
  ICD10: 'icd-10',
  'ICD-10': 'icd-10',
  I10C: 'icd-10-cm',
  ICD10CM: 'icd-10-cm',
  'ICD-10-CM': 'icd-10-cm',
  ICD10CN: 'icd-10-cn',
  'ICD-10-CN': 'icd-10-cn',
  I9C: 'icd-9-cm-3',
  I9CP: 'icd-9-cm-3',
  I9: 'icd-9-cm-3',
  ICD9CM: 'icd-9-cm-3',
  'ICD-9-CM': 'icd-9-cm-3',
  'ICD-9-CM-3': 'icd-9-cm-3',
  ICD9CM3: 'icd-9-cm-3',
  LN: 'loinc',
  LOINC: 'loinc',
  SCT: 'snomed',
  SNM: 'snomed',
  SNM3: 'snomed',
  SNOMED: 'snomed',
  RXNORM: 'rxnorm',
});

/** The snapshot's name of a coding system; a local one keeps its own. */
export function systemName(written: string | undefined): string | undefined {
  if (written === undefined) return undefined;
  const name = written.toUpperCase();
  return SYSTEMS.get(name) ?? (name.startsWith('ICD10') || name.startsWith('ICD-10') ? 'icd-10' : written);
}

/**
 * A coded value: of its two codings (components 1–3 and 4–6) the one of a wanted system, else the first; its text is what a
 * person would read: the text of that coding, the original text (component 9), the other coding's text.
 */
export function codedAt(segment: Segment, field: number, wanted: readonly string[] = [], repetition = 0): Coded {
  const first = coding(segment, field, 1, repetition);
  const second = coding(segment, field, 4, repetition);
  const useSecond =
    second.code !== undefined && (first.code === undefined || (!isOf(first, wanted) && isOf(second, wanted) && wanted.length > 0));
  const [chosen, other] = useSecond ? [second, first] : [first, second];
  const text = chosen.text ?? segment.text(field, 9, repetition) ?? other.text;
  return { code: chosen.code, text, system: chosen.system };
}

/** What a person would read of a coded value: its text, else its code. */
export function wordsAt(segment: Segment, field: number, repetition = 0): string | undefined {
  const { text, code } = codedAt(segment, field, [], repetition);
  return text ?? code;
}

function coding(segment: Segment, field: number, from: number, repetition: number): Coded {
  return {
    code: segment.text(field, from, repetition),
    text: segment.text(field, from + 1, repetition),
    system: systemName(segment.text(field, from + 2, repetition)),
  };
}

function isOf({ system }: Coded, wanted: readonly string[]): boolean {
  return system !== undefined && wanted.includes(system);
}
