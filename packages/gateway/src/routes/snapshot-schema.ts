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
} from '@zhida/core';
import {
  Array as ArrayOf,
  Boolean as Flag,
  Enum,
  Integer,
  Literal,
  Null,
  Number as Quantity,
  Object as ObjectOf,
  Optional,
  String as Text,
  Union,
} from 'typebox';

const text = Optional(Text());
const texts = Optional(ArrayOf(Text()));
const flag = Optional(Flag());
const nullableText = Optional(Union([Text(), Null()]));
const time = Optional(Text({ description: 'RFC 3339; without an offset it is read in the facility’s zone' }));
const place = Optional(ObjectOf({ text, regionCode: text }));
const contact = ObjectOf({ relationship: text, name: text, phone: text });
const status = Optional(Enum([...FACT_STATUSES]));

const patient = ObjectOf({
  id: text,
  name: text,
  sex: Optional(Enum([...SEXES])),
  birthDate: Optional(Text({ description: 'YYYY, YYYY-MM or YYYY-MM-DD' })),
  statedAge: text,
  identityVerified: flag,
  maritalStatus: text,
  deceasedAt: nullableText,
  disability: texts,
  identifiers: Optional(ArrayOf(ObjectOf({ system: Text(), value: Text() }))),
  address: place,
  registeredAddress: place,
  phone: text,
  school: text,
  nationality: text,
  ethnicity: text,
});

const note = ObjectOf({ section: Enum([...NOTE_SECTIONS]), text: Text(), at: time, author: text });

const condition = ObjectOf({
  code: text,
  system: text,
  text,
  role: Optional(Enum([...CONDITION_ROLES])),
  certainty: Optional(Enum([...CERTAINTIES])),
  status,
});

const observation = ObjectOf({
  code: text,
  system: text,
  name: text,
  value: Optional(Union([Text(), Quantity(), Flag(), Null()])),
  unit: nullableText,
  interpretation: text,
  specimen: text,
  performer: text,
  status,
  at: time,
});

const procedure = ObjectOf({
  code: text,
  system: text,
  text,
  at: time,
  consentBy: Optional(ObjectOf({ relationship: text })),
  status,
});

const visit = {
  schemaVersion: Optional(Literal('1')),
  revision: Optional(Integer({ minimum: 0 })),
  mode: Optional(Enum([...MODES])),
  facility: Optional(ObjectOf({ code: text, name: text, regionCode: text })),
  department: Optional(ObjectOf({ code: text, name: text })),
  visitNumber: text,
  location: text,
  event: Optional(ObjectOf({ kind: Enum([...EVENT_KINDS]), at: time, staffId: text, role: text })),
  class: Optional(Enum([...ENCOUNTER_CLASSES])),
  period: Optional(ObjectOf({ start: time, end: time })),
  arrival: Optional(Enum([...ARRIVALS])),
  patient: Optional(patient),
  companion: Optional(Union([contact, Null()])),
  guardians: Optional(ArrayOf(contact)),
  mother: Optional(ObjectOf({ age: Optional(Quantity()), birthDate: text })),
  notes: Optional(ArrayOf(note)),
  conditions: Optional(ArrayOf(condition)),
  observations: Optional(ArrayOf(observation)),
  procedures: Optional(ArrayOf(procedure)),
  orders: Optional(ArrayOf(ObjectOf({ code: text, text, status: text, at: time }))),
  medications: Optional(ArrayOf(ObjectOf({ text, code: text, status: text }))),
  disposition: Optional(Enum([...DISPOSITIONS])),
  feedsPresent: texts,
};

/** An EncounterSnapshot as JSON Schema, for the API's description; what is read is decided by `readSnapshot` alone. */
export const snapshotSchema = ObjectOf(
  {
    id: Text(),
    ...visit,
    history: Optional(ArrayOf(ObjectOf({ id: text, start: time, summary: text, reportId: nullableText, ...visit }))),
  },
  {
    title: 'EncounterSnapshot',
    description: 'Only `id` is required; a field that cannot be read becomes an issue, unknown fields are ignored',
  },
);
