import {
  type CodedPlace,
  type EncounterSnapshot,
  type Identifier,
  type IssueLog,
  type PersonContact,
  type SnapshotPatient,
  compact,
  orNone,
} from '@zhida/core';
import { SEX_WORDS } from '../read/cell.js';
import { MARITAL, OF_PAPERS, RELATIONSHIPS, ROOTS } from './codes.js';
import { type XmlElement, attribute, child, children, elementsOf, placeOf, textOf } from './element.js';
import { birthDateOf, codedOf, wordsOf } from './values.js';

/** What an identifier is called in a snapshot; one of a hospital's own root keeps it. */
const IDENTIFIER_SYSTEMS: ReadonlyMap<string, string> = new Map([
  [ROOTS.residentId, 'cn-resident-id'],
  [ROOTS.medicalRecord, 'mrn'],
  [ROOTS.healthCard, 'cn-health-card'],
]);
/** Numbers of a visit, not of a person. */
const OF_VISITS: ReadonlySet<string> = new Set([ROOTS.outpatient, ROOTS.inpatient]);
const ADDRESS_PARTS = [
  'country',
  'state',
  'city',
  'county',
  'township',
  'streetAddressLine',
  'streetName',
  'houseNumber',
  'additionalLocator',
];
const SCHOOL = /学校|小学|中学|幼儿园|高中|初中|学院|大学|职校|技校/;
/** GB/T 4761: 本人, 户主. */
const SELF = new Set(['01', '02', '本人', '患者本人']);

/** The patient as `recordTarget` has it. */
export function readPatient(role: XmlElement | undefined, log: IssueLog, zone: string): SnapshotPatient {
  const person = child(role, 'patient');
  const identifiers = identifiersOf(role, person);
  const employer = textOf(child(person, 'employerOrganization', 'name'));
  return compact<SnapshotPatient>({
    id: patientId(identifiers),
    name: nameOf(person),
    sex: sexOf(child(person, 'administrativeGenderCode'), log),
    birthDate: birthDateOf(child(person, 'birthTime'), log, zone),
    statedAge: statedAgeOf(children(person, 'age')),
    maritalStatus: inWords(child(person, 'maritalStatusCode'), MARITAL),
    ethnicity: wordsOf(child(person, 'ethnicGroupCode')),
    nationality: wordsOf(child(person, 'nationality')),
    school: employer !== undefined && SCHOOL.test(employer) ? employer : undefined,
    identifiers: orNone(identifiers),
    address: addressOf(child(role, 'addr')),
    registeredAddress: addressOf(child(person, 'household', 'place', 'addr')),
    phone: phoneOf(role),
  });
}

function identifiersOf(role: XmlElement | undefined, person: XmlElement | undefined): Identifier[] {
  const found: Identifier[] = [];
  for (const id of [...children(role, 'id'), ...children(person, 'id')]) {
    const root = attribute(id, 'root') ?? '';
    const value = attribute(id, 'extension');
    if (value === undefined || OF_VISITS.has(root) || OF_PAPERS.has(root)) continue;
    const system = IDENTIFIER_SYSTEMS.get(root) ?? (root === '' ? 'unknown' : root);
    found.push({ system, value });
  }
  return found;
}

/** The number that stays: of the record, of the hospital's own, of the card, of the person. */
function patientId(identifiers: readonly Identifier[]): string | undefined {
  const own = identifiers.find(({ system }) => !['cn-resident-id', 'cn-health-card'].includes(system));
  const of = (wanted: string): Identifier | undefined => identifiers.find(({ system }) => system === wanted);
  return (of('mrn') ?? own ?? of('cn-health-card') ?? of('cn-resident-id'))?.value;
}

function sexOf(code: XmlElement | undefined, log: IssueLog): SnapshotPatient['sex'] {
  const written = attribute(code, 'code');
  if (code === undefined || written === undefined) return undefined;
  const sex = (SEX_WORDS.get(written) ?? SEX_WORDS.get(attribute(code, 'displayName') ?? '')) as SnapshotPatient['sex'];
  if (sex === undefined) log.add('FIELD_UNKNOWN_CODE', placeOf(code));
  return sex;
}

/** Years and months come as two elements, or one of them alone. */
function statedAgeOf(ages: readonly XmlElement[]): string | undefined {
  const parts = ages.flatMap((age) => {
    const value = attribute(age, 'value');
    return value === undefined ? [] : [`${value}${attribute(age, 'unit') ?? '岁'}`];
  });
  return parts.length === 0 ? undefined : parts.join('');
}

function nameOf(person: XmlElement | undefined): string | undefined {
  const name = child(person, 'name');
  if (name === undefined) return undefined;
  const parts = elementsOf(name).map((part) => textOf(part));
  const pieces = parts.filter((part) => part !== undefined);
  if (pieces.length === 0) return textOf(name);
  return /\p{Script=Han}/u.test(pieces.join('')) ? pieces.join('') : pieces.join(' ');
}

function addressOf(addr: XmlElement | undefined): CodedPlace | undefined {
  if (addr === undefined) return undefined;
  const parts = ADDRESS_PARTS.flatMap((part) => children(addr, part).flatMap((element) => textOf(element) ?? []));
  const text = parts.length === 0 ? textOf(addr) : parts.join('');
  return text === undefined ? undefined : { text };
}

function phoneOf(holder: XmlElement | undefined): string | undefined {
  return children(holder, 'telecom')
    .flatMap((telecom) => attribute(telecom, 'value') ?? [])
    .filter((value) => !/^(?:mailto|https?|fax):/i.test(value))
    .map((value) => value.replace(/^tel:/i, ''))[0];
}

function inWords(code: XmlElement | undefined, words: ReadonlyMap<string, string>): string | undefined {
  const { code: written, text } = codedOf(code);
  return text ?? (written === undefined ? undefined : (words.get(written) ?? written));
}

type People = Pick<EncounterSnapshot, 'guardians' | 'companion'>;

/** Next of kin and guardians, and whoever told the history: they came with the patient. */
export function readPeople(document: XmlElement): People {
  const guardians: PersonContact[] = [];
  const add = (person: PersonContact): void => {
    if (Object.keys(person).length > 0) guardians.push(person);
  };
  for (const participant of children(document, 'participant')) {
    const entity = child(participant, 'associatedEntity');
    // Others take part as departments and institutions.
    if (child(entity, 'associatedPerson') !== undefined && isOfPatient(entity)) add(contactOf(entity, 'associatedPerson'));
  }
  const patient = child(document, 'recordTarget', 'patientRole', 'patient');
  for (const guardian of children(patient, 'guardian')) {
    const person = contactOf(guardian, 'guardianPerson');
    add(person.relationship === undefined && Object.keys(person).length > 0 ? { ...person, relationship: '监护人' } : person);
  }
  const companion = children(document, 'informant')
    .map(informantOf)
    .find((person) => person !== undefined);
  return compact<People>({ guardians: orNone(guardians), companion });
}

const KIN_CLASSES = new Set(['NOK', 'ECON', 'GUARD', 'GUAR', 'CAREGIVER', 'PRS', 'CON']);

function isOfPatient(entity: XmlElement | undefined): boolean {
  const isKin = attribute(child(entity, 'code'), 'codeSystem') === ROOTS.relationship;
  return isKin || KIN_CLASSES.has(attribute(entity, 'classCode') ?? '');
}

function contactOf(entity: XmlElement | undefined, person: string): PersonContact {
  return compact<PersonContact>({
    relationship: inWords(child(entity, 'code'), RELATIONSHIPS),
    name: nameOf(child(entity, person)),
    phone: phoneOf(entity),
  });
}

/** 病史陈述者: a person of the patient's; a doctor or the patient is none. */
function informantOf(informant: XmlElement): PersonContact | undefined {
  const related = child(informant, 'relatedEntity');
  const entity = related ?? child(informant, 'assignedEntity');
  if (related === undefined && attribute(child(entity, 'code'), 'codeSystem') !== ROOTS.relationship) return undefined;
  const person = contactOf(entity, related === undefined ? 'assignedPerson' : 'relatedPerson');
  const isSelf = SELF.has(attribute(child(entity, 'code'), 'code') ?? '') || SELF.has(person.relationship ?? '');
  return isSelf || person.relationship === undefined ? undefined : person;
}
