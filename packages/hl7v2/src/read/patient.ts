import { type Sex, type SnapshotPatient, table, type Defined, compact, orNone } from '@zhida/core';
import type { IssueLog } from '../issue-log.js';
import type { Settings } from '../options.js';
import { type Segment, placeOf } from '../wire/segment.js';
import { wordsAt } from './coded.js';
import { identifiersOf } from './identifiers.js';
import { addressesOf, personName, phoneOf } from './names.js';
import { birthDateOf, timeAt } from './times.js';

/** Fields a message sets, and with `null` those it deletes. What it does not carry stays as it was. */
export type Patch<T> = { readonly [K in keyof T]?: T[K] | null };

/** HL7 table 0001 and GB/T 2261.1. */
const SEXES = table<Sex>({
  F: 'female',
  M: 'male',
  O: 'other',
  A: 'other',
  U: 'unknown',
  N: 'unknown',
  '1': 'male',
  '2': 'female',
  '0': 'unknown',
  '9': 'unknown',
  男: 'male',
  女: 'female',
  未知: 'unknown',
});
/** HL7 table 0002 and GB/T 2261.2, where only a code is sent. */
const MARITAL = table<string>({
  M: 'Married',
  S: 'Never Married',
  D: 'Divorced',
  W: 'Widowed',
  A: 'Separated',
  P: 'Domestic partner',
  '10': '未婚',
  '20': '已婚',
  '21': '初婚',
  '22': '再婚',
  '23': '复婚',
  '30': '丧偶',
  '40': '离婚',
});
const REPLACED: readonly (readonly [field: number, key: keyof SnapshotPatient])[] = [
  [5, 'name'],
  [7, 'birthDate'],
  [8, 'sex'],
  [11, 'address'],
  [13, 'phone'],
  [16, 'maritalStatus'],
  [29, 'deceasedAt'],
];

/** The patient as PID has it; `id` is the number the hospital knows them by. */
export function readPatient(pid: Segment, id: string | undefined, settings: Settings, log: IssueLog): Patch<SnapshotPatient> {
  const identifiers = identifiersOf(pid, settings);
  const { address, registered } = addressesOf(pid, 11);
  const fields: Defined<SnapshotPatient> = {
    name: personName(pid, 5),
    identifiers: orNone(identifiers),
    address,
    registeredAddress: registered,
    phone: phoneOf(pid, 13, 14),
    maritalStatus: maritalStatusOf(pid),
    ethnicity: wordsAt(pid, 22) ?? wordsAt(pid, 10),
    nationality: wordsAt(pid, 28) ?? wordsAt(pid, 26),
    deceasedAt: timeAt(pid, 29, settings.zone, log),
    ...identityOf(pid, id, log),
  };
  const patient: Record<string, unknown> = { ...compact<SnapshotPatient>(fields) };
  for (const [field, key] of REPLACED) if (pid.isNull(field)) patient[key] = null;
  return patient;
}

/** Number, sex and birth date: all that is read of an adult. */
export function identityOf(
  pid: Segment,
  id: string | undefined,
  log: IssueLog,
): Pick<Defined<SnapshotPatient>, 'id' | 'sex' | 'birthDate'> {
  return { id, sex: sexOf(pid, log), birthDate: birthOf(pid, log) };
}

/** PID-30 without a time: a death that has no date yet. */
export function isDead(pid: Segment): boolean {
  return (pid.text(30) ?? '').toUpperCase() === 'Y';
}

function sexOf(pid: Segment, log: IssueLog): Sex | undefined {
  const code = pid.text(8);
  if (code === undefined) return undefined;
  const sex = SEXES.get(code.toUpperCase()) ?? SEXES.get(pid.text(8, 2) ?? '');
  if (sex === undefined) log.add('FIELD_UNKNOWN_CODE', placeOf(pid, 8));
  return sex;
}

function birthOf(pid: Segment, log: IssueLog): string | undefined {
  const text = pid.text(7);
  const date = text === undefined ? undefined : birthDateOf(text);
  if (text !== undefined && date === undefined) log.add('TIME_UNREADABLE', placeOf(pid, 7));
  return date;
}

function maritalStatusOf(pid: Segment): string | undefined {
  const code = pid.text(16);
  return pid.text(16, 2) ?? (code === undefined ? undefined : (MARITAL.get(code.toUpperCase()) ?? code));
}
