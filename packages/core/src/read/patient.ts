import { SEXES } from '../codes.js';
import type { CodedPlace, EncounterSnapshot, Identifier, PersonContact, SnapshotPatient } from '../snapshot.js';
import { objectOf } from './object.js';
import { birthDate, flag, listOf, nullable, oneOf, quantity, text, time } from './values.js';

const place = objectOf<CodedPlace>({ text, regionCode: text });

/** Somebody with the patient: a companion, a guardian. */
export const person = objectOf<PersonContact>({ relationship: text, name: text, phone: text });

export const patient = objectOf<SnapshotPatient>({
  id: text,
  name: text,
  sex: oneOf(SEXES),
  birthDate,
  statedAge: text,
  identityVerified: flag,
  maritalStatus: text,
  deceasedAt: nullable(time),
  disability: listOf(text),
  identifiers: listOf(objectOf<Identifier>({ system: text, value: text }, ['system', 'value'])),
  address: place,
  registeredAddress: place,
  phone: text,
  school: text,
  nationality: text,
  ethnicity: text,
});

export const mother = objectOf<NonNullable<EncounterSnapshot['mother']>>({ age: quantity, birthDate });
