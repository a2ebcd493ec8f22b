import {
  type Identifier,
  type PersonContact,
  SEXES,
  type SnapshotPatient,
  checkResidentId,
  parsePartialDate,
  table,
  compact,
} from '@zhida/core';
import type { BundleEntry } from '../bundle/entries.js';
import { conceptCodes, conceptText } from '../concepts.js';
import type { Context } from '../context.js';
import { type Node, child, children, firstOf, isList, textAt } from '../node.js';

/** Systems under which a 公民身份号码 is sent: the OID of WS/T 500, and what public registries of FHIR name. */
const RESIDENT_ID_SYSTEMS = /2\.16\.156\.10011\.1\.3$|2\.16\.156\.112635\.1\.2\.1$|resident-?id|身份证/i;
const CHINESE = /\p{Script=Han}/u;
const MARITAL = table<string>({ m: 'Married', s: 'Never Married', d: 'Divorced', w: 'Widowed', u: 'Unmarried', t: 'Domestic partner' });

/** The patient as the Patient resource has it. A death is told by the caller, who knows which visit it falls in. */
export function readPatient({ resource, id }: Pick<BundleEntry, 'resource' | 'id'>, context: Context): SnapshotPatient {
  const gender = textAt(resource, 'gender');
  const sex = SEXES.find((code) => code === gender);
  if (gender !== undefined && sex === undefined) context.log.add('FIELD_UNKNOWN_CODE', `${resource.at}.gender`);
  const addresses = children(resource, 'address');
  const address = addresses.find((candidate) => textAt(candidate, 'use') === 'home') ?? addresses[0];
  return compact<SnapshotPatient>({
    id:
      id ??
      children(resource, 'identifier')
        .map((identifier) => textAt(identifier, 'value'))
        .find(Boolean),
    name: nameText(resource),
    sex,
    birthDate: birthDateOf(resource, context),
    maritalStatus: maritalStatusOf(child(resource, 'maritalStatus')),
    identifiers: listOrNone(identifiersOf(resource, context)),
    address: address === undefined ? undefined : addressOf(address),
    phone: phoneOf(resource),
    disability: listOrNone(extensionTexts(resource, 'patient-disability')),
    nationality: extensionTexts(resource, 'patient-nationality')[0],
  });
}

/** Somebody with the patient: RelatedPerson, or a `contact` inside the Patient. */
export function readPerson(person: Node): PersonContact {
  return compact<PersonContact>({
    relationship: children(person, 'relationship').map(relationshipOf).find(Boolean),
    name: nameText(person),
    phone: phoneOf(person),
  });
}

/** The name a person is known by: the official or first one, written as its language writes it. */
function nameText(person: Node): string | undefined {
  const names = children(person, 'name').filter((name) => textAt(name, 'use') !== 'old');
  const name = names.find((candidate) => textAt(candidate, 'use') === 'official') ?? names[0];
  if (name === undefined) return undefined;
  const whole = textAt(name, 'text');
  if (whole !== undefined) return whole;
  const family = textAt(name, 'family');
  const given = listTexts(name, 'given');
  if (family !== undefined && CHINESE.test(family)) return `${family}${given.join('')}`;
  const parts = [...given, ...(family === undefined ? [] : [family])];
  return parts.length === 0 ? undefined : parts.join(' ');
}

function birthDateOf(resource: Node, context: Context): string | undefined {
  const text = textAt(resource, 'birthDate');
  if (text === undefined) {
    if (firstOf(resource, 'birthDate') !== undefined) context.log.add('FIELD_WRONG_TYPE', `${resource.at}.birthDate`);
    return undefined;
  }
  if (parsePartialDate(text) !== undefined) return text;
  context.log.add('TIME_UNREADABLE', `${resource.at}.birthDate`);
  return undefined;
}

function identifiersOf(resource: Node, context: Context): Identifier[] {
  return children(resource, 'identifier').flatMap((identifier) => {
    const value = textAt(identifier, 'value');
    return value === undefined || textAt(identifier, 'use') === 'old'
      ? []
      : [{ system: identifierSystem(identifier, value, context), value }];
  });
}

function identifierSystem(identifier: Node, value: string, context: Context): string {
  const uri = textAt(identifier, 'system') ?? '';
  const mapped = context.identifierSystems.get(uri);
  if (mapped !== undefined) return mapped;
  const types = conceptCodes(child(identifier, 'type'));
  // HL7 table 0203: NI is any national number, so there the check digit has to speak too.
  if (RESIDENT_ID_SYSTEMS.test(uri) || types.includes('nnchn') || (types.includes('ni') && checkResidentId(value).valid))
    return 'cn-resident-id';
  if (types.includes('mr')) return 'mrn';
  return uri === '' ? (types[0] ?? 'unknown') : uri;
}

function addressOf(address: Node): NonNullable<SnapshotPatient['address']> | undefined {
  const lines = listTexts(address, 'line');
  const [city, district, state] = ['city', 'district', 'state'].map((key) => textAt(address, key));
  const parts = [...lines, district, city, state].filter((part) => part !== undefined);
  const text = textAt(address, 'text') ?? (CHINESE.test(parts.join('')) ? parts.toReversed().join('') : parts.join(', '));
  return text === '' ? undefined : { text };
}

function phoneOf(person: Node): string | undefined {
  const numbers = children(person, 'telecom').filter((point) => ['phone', 'sms'].includes(textAt(point, 'system') ?? ''));
  return textAt(numbers.find((point) => textAt(point, 'use') === 'mobile') ?? numbers[0] ?? child(person, 'telecom'), 'value');
}

function relationshipOf(concept: Node): string | undefined {
  return conceptText(concept) ?? conceptCodes(concept)[0];
}

function maritalStatusOf(concept: Node): string | undefined {
  const code = conceptCodes(concept)[0];
  return conceptText(concept) ?? (code === undefined ? undefined : (MARITAL.get(code) ?? code));
}

function extensionTexts(resource: Node, name: string): string[] {
  const found = children(resource, 'extension').filter((extension) => textAt(extension, 'url')?.endsWith(`/${name}`) === true);
  const concepts = found.flatMap((extension) => [
    child(extension, 'valueCodeableConcept'),
    ...children(extension, 'extension').map((inner) => child(inner, 'valueCodeableConcept')),
  ]);
  return concepts.map(conceptText).filter((text) => text !== undefined);
}

function listTexts(node: Node, key: string): string[] {
  const { value } = child(node, key);
  if (!isList(value)) return [];
  return Array.from(value.keys(), (index) => textAt({ value, at: '' }, String(index))).filter((text) => text !== undefined);
}

function listOrNone<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}
