import type { Identifier } from '@zhida/core';
import type { Settings } from '../options.js';
import type { Segment } from '../wire/segment.js';

/** A repetition of PID-3, MRG-1 and the like (CX). */
interface PatientNumber {
  readonly value: string;
  readonly authority: string | undefined;
  readonly type: string;
}

const RESIDENT_ID_FORM = /^[1-9]\d{16}[\dXx]$/;
/** HL7 table 0203 and its Chinese wordings: national numbers. NI is any nation's, so there the form has to speak too. */
const NATIONAL_TYPES = new Set(['NI', 'ID', 'NNCHN', 'SS', 'PPN', '身份证', '居民身份证', '01']);
/** The hospital's own number of a patient, the one that stays. */
const RECORD_TYPES = new Set(['MR', 'MRN', 'PI', 'PT', 'PN', 'MRT']);
const RECORD_SYSTEM = 'mrn';

/** The identifiers of PID-3, then PID-2, PID-4 and PID-19 where they say something new. */
export function identifiersOf(pid: Segment, settings: Settings): Identifier[] {
  const found: Identifier[] = [];
  for (const number of [...numbersAt(pid, 3), ...numbersAt(pid, 2), ...numbersAt(pid, 4)])
    add(found, systemOf(number, settings), number.value);
  // PID-19, the social security number of one country, holds the resident identity number in many interfaces of another.
  for (const { value } of numbersAt(pid, 19)) if (RESIDENT_ID_FORM.test(value)) add(found, 'cn-resident-id', value);
  return found;
}

/** The number a hospital knows the patient by: of PID-3 the medical record number, else its first, else PID-2 or PID-4. */
export function patientNumberOf(pid: Segment): PatientNumber | undefined {
  const numbers = numbersAt(pid, 3);
  return (
    numbers.find(({ type }) => RECORD_TYPES.has(type)) ??
    numbers.find(({ type, value }) => !NATIONAL_TYPES.has(type) && !RESIDENT_ID_FORM.test(value)) ??
    numbersAt(pid, 2)[0] ??
    numbersAt(pid, 4)[0] ??
    numbers[0] ??
    numbersAt(pid, 19)[0]
  );
}

/** Every number of a field that may name the patient: MRG-1 lists all that are given up. */
export function numbersAt(segment: Segment, field: number): PatientNumber[] {
  const numbers: PatientNumber[] = [];
  const count = segment.repetitions(field);
  for (let repetition = 0; repetition < count; repetition += 1) {
    const value = segment.text(field, 1, repetition);
    if (value === undefined) continue;
    const type = segment.text(field, 5, repetition)?.toUpperCase() ?? '';
    numbers.push({ value, authority: segment.part(field, 4, 1, repetition), type });
  }
  return numbers;
}

/** The key a patient's messages meet under: hospital, who gave the number, the number. */
export function patientKey({ value, authority }: PatientNumber, facility: string, settings: Settings): string {
  return `p|${facility}|${settings.ignoreAuthorities ? '' : (authority ?? '')}|${value}`;
}

function systemOf({ value, authority, type }: PatientNumber, { identifierSystems }: Settings): string {
  const mapped = identifierSystems.get(authority ?? '') ?? identifierSystems.get(type);
  if (mapped !== undefined) return mapped;
  if (RESIDENT_ID_FORM.test(value) && (NATIONAL_TYPES.has(type) || type === '')) return 'cn-resident-id';
  if (RECORD_TYPES.has(type)) return RECORD_SYSTEM;
  return authority ?? (type === '' ? RECORD_SYSTEM : type);
}

function add(found: Identifier[], system: string, value: string): void {
  if (!found.some((known) => known.value === value)) found.push({ system, value });
}
