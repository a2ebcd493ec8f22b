import { checkResidentId, parsePartialDate, type EncounterSnapshot } from '@zhida/core';
import type { Test } from './test.js';

/** Asks how the encounter began and ended, and who the patient is said to be. */
export function testDisposition(values: readonly string[]): Test {
  return ({ snapshot }, trace) => pushIf(values.includes(snapshot.disposition ?? ''), 'disposition', trace);
}

/** `null` is recorded as alone; a feed that does not carry a companion says nothing. */
export const testAlone: Test = ({ snapshot }, trace) => pushIf(snapshot.companion === null, 'companion', trace);

/** Recorded as not verified, with nobody there who could say who the child is; a feed that carries no companion says nothing. */
export const testIdentityUnverified: Test = ({ snapshot: { patient, companion, guardians = [] } }, trace) =>
  pushIf(patient?.identityVerified === false && companion === null && guardians.length === 0, 'patient.identityVerified', trace);

/** Another name, sex or birth date in an earlier visit, or a card whose birth date is years from the declared one. */
export const testIdentityChanged: Test = ({ snapshot }, trace) => {
  const path = changedPath(snapshot) ?? conflictPath(snapshot);
  return pushIf(path !== undefined, path ?? '', trace);
};

function changedPath({ patient, history }: EncounterSnapshot): string | undefined {
  for (const [index, past] of (history ?? []).entries()) {
    const then = past.patient;
    if (differs(then?.sex, patient?.sex)) return `history[${index}].patient.sex`;
    if (yearsApart(then?.birthDate, patient?.birthDate) >= 1) return `history[${index}].patient.birthDate`;
  }
  return undefined;
}

function conflictPath({ patient }: EncounterSnapshot): string | undefined {
  for (const [index, { system, value }] of (patient?.identifiers ?? []).entries()) {
    if (system !== 'cn-resident-id') continue;
    const check = checkResidentId(value);
    if (check.valid && yearsApart(check.birthDate, patient?.birthDate) >= 1) return `patient.identifiers[${index}].value`;
  }
  return undefined;
}

function differs(then: string | undefined, now: string | undefined): boolean {
  return (then === 'male' && now === 'female') || (then === 'female' && now === 'male');
}

function yearsApart(left: string | undefined, right: string | undefined): number {
  const [a, b] = [parsePartialDate(left ?? ''), parsePartialDate(right ?? '')];
  return a === undefined || b === undefined ? 0 : Math.abs(a.year - b.year);
}

function pushIf(holds: boolean, at: string, trace: { evidence: { at: string }[] }): 0 | 2 {
  if (holds) trace.evidence.push({ at });
  return holds ? 2 : 0;
}
