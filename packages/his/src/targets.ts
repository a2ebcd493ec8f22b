import {
  ARRIVALS,
  CERTAINTIES,
  CONDITION_ROLES,
  DISPOSITIONS,
  ENCOUNTER_CLASSES,
  EVENT_KINDS,
  FACT_STATUSES,
  MODES,
  NOTE_SECTIONS,
  SEXES,
  type Identifier,
  type PersonContact,
  type SnapshotCondition,
  type SnapshotMedication,
  type SnapshotNote,
  type SnapshotObservation,
  type SnapshotOrder,
  type SnapshotProcedure,
} from '@zhida/core';

/** What a cell has to become. `value` is an observed value: a number where the text is one. */
export type FieldKind =
  | 'text'
  | 'texts'
  | 'time'
  | 'birth-date'
  | 'flag'
  | 'number'
  | 'value'
  /** `null` where a value map says so: recorded as without. */
  | 'null'
  | { readonly codes: readonly string[] };

const codes = (list: readonly string[]): FieldKind => ({ codes: list });

/** Fields of a visit a column may fill, by their path in the snapshot. */
export const VISIT_FIELDS: Readonly<Record<string, FieldKind>> = {
  id: 'text',
  visitNumber: 'text',
  revision: 'number',
  mode: codes(MODES),
  location: 'text',
  class: codes(ENCOUNTER_CLASSES),
  arrival: codes(ARRIVALS),
  disposition: codes(DISPOSITIONS),
  'facility.code': 'text',
  'facility.name': 'text',
  'facility.regionCode': 'text',
  'department.code': 'text',
  'department.name': 'text',
  'period.start': 'time',
  'period.end': 'time',
  'event.kind': codes(EVENT_KINDS),
  'event.at': 'time',
  'event.staffId': 'text',
  'event.role': 'text',
  'patient.id': 'text',
  'patient.name': 'text',
  'patient.sex': codes(SEXES),
  'patient.birthDate': 'birth-date',
  'patient.statedAge': 'text',
  'patient.identityVerified': 'flag',
  'patient.maritalStatus': 'text',
  'patient.deceasedAt': 'time',
  'patient.disability': 'texts',
  'patient.phone': 'text',
  'patient.school': 'text',
  'patient.nationality': 'text',
  'patient.ethnicity': 'text',
  'patient.address.text': 'text',
  'patient.address.regionCode': 'text',
  'patient.registeredAddress.text': 'text',
  'patient.registeredAddress.regionCode': 'text',
  companion: 'null',
  'companion.relationship': 'text',
  'companion.name': 'text',
  'companion.phone': 'text',
  'mother.age': 'number',
  'mother.birthDate': 'birth-date',
};

/** One kind for every field, so that the compiler refuses a table that forgets one. */
type FactFields<T> = Readonly<Record<keyof T & string, FieldKind>>;

const notes: FactFields<SnapshotNote> = { section: codes(NOTE_SECTIONS), text: 'text', at: 'time', author: 'text' };
const conditions: FactFields<SnapshotCondition> = {
  code: 'text',
  system: 'text',
  text: 'text',
  role: codes(CONDITION_ROLES),
  certainty: codes(CERTAINTIES),
  status: codes(FACT_STATUSES),
};
const observations: FactFields<SnapshotObservation> = {
  code: 'text',
  system: 'text',
  name: 'text',
  value: 'value',
  unit: 'text',
  interpretation: 'text',
  specimen: 'text',
  performer: 'text',
  status: codes(FACT_STATUSES),
  at: 'time',
};
const procedures: FactFields<Omit<SnapshotProcedure, 'consentBy'>> & { readonly 'consentBy.relationship': FieldKind } = {
  code: 'text',
  system: 'text',
  text: 'text',
  at: 'time',
  'consentBy.relationship': 'text',
  status: codes(FACT_STATUSES),
};
const orders: FactFields<SnapshotOrder> = { code: 'text', text: 'text', status: 'text', at: 'time' };
const medications: FactFields<SnapshotMedication> = { text: 'text', code: 'text', status: 'text' };
const guardians: FactFields<PersonContact> = { relationship: 'text', name: 'text', phone: 'text' };
const identifiers: FactFields<Identifier> = { system: 'text', value: 'text' };

/** The lists of a snapshot to which a row may add an item. `identifiers` are the patient's. */
export const FACT_LISTS = { notes, conditions, observations, procedures, orders, medications, guardians, identifiers } as const;
export type FactListName = keyof typeof FACT_LISTS;
export const FACT_LIST_NAMES = Object.keys(FACT_LISTS) as readonly FactListName[];

/** Without one of these an item says nothing: the row has none. */
export const SAYING: Readonly<Record<FactListName, readonly string[]>> = {
  notes: ['text'],
  conditions: ['code', 'text'],
  observations: ['value'],
  procedures: ['code', 'text'],
  orders: ['code', 'text'],
  medications: ['code', 'text'],
  guardians: ['relationship', 'name', 'phone'],
  identifiers: ['value'],
};
