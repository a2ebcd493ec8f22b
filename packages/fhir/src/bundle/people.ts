import { type EncounterSnapshot, type PersonContact, type SnapshotPatient, compact, parseInstant, parsePartialDate } from '@zhida/core';
import { conceptCodes } from '../concepts.js';
import type { Context, Visit } from '../context.js';
import { type Node, child, children, firstOf, textAt } from '../node.js';
import { readPatient, readPerson } from '../resources/people.js';
import type { BundleEntry } from './entries.js';
import { groupByPatient } from './placement.js';
import { patientKeyOf } from './visits.js';

/** The people of a visit. */
export type People = Pick<EncounterSnapshot, 'patient' | 'companion' | 'guardians' | 'mother'>;

const MOTHER = /^(?:n?mth|mother)$/;

/** Reads every Patient and RelatedPerson once and says who belongs to a visit. */
export function readPeople(entries: readonly BundleEntry[], visits: readonly Visit[], context: Context): (visit: Visit) => People {
  const patientEntries = entries.filter(({ type }) => type === 'Patient');
  const patients = new Map(patientEntries.map((entry) => [entry, readPatient(entry, context)]));
  const lastVisits = new Set([...groupByPatient(visits).values()].map((group) => group.at(-1)));
  const related = relatedByPatient(entries, patientEntries, visits, context);

  return (visit) => {
    const relatives = related.get(visit.patientKey ?? '') ?? [];
    const contacts = visit.patient === undefined ? [] : children(visit.patient.resource, 'contact').map(readPerson);
    const guardians = [...relatives.map(({ resource }) => readPerson(resource)), ...contacts];
    return compact<People>({
      patient: patientAt(visit, patients, lastVisits.has(visit), context),
      companion: companionOf(visit, context),
      guardians: guardians.length === 0 ? undefined : guardians,
      mother: motherOf(visit, relatives),
    });
  };
}

function patientAt(
  visit: Visit,
  patients: ReadonlyMap<BundleEntry, SnapshotPatient>,
  isLast: boolean,
  context: Context,
): SnapshotPatient | undefined {
  if (visit.patient === undefined) return containedPatient(visit, context) ?? patientByName(visit, context);
  const patient = patients.get(visit.patient);
  const deceasedAt = deathIn(visit, visit.patient.resource, isLast, context);
  return deceasedAt === undefined ? patient : { ...patient, deceasedAt };
}

/** The Patient is as of today, and at an earlier visit the child was alive: a death belongs to the visit it falls in, else to the last. */
function deathIn({ startMs, endMs }: Visit, patient: Node, isLast: boolean, context: Context): string | undefined {
  const flag = child(patient, 'deceasedBoolean');
  if (isLast && flag.value === true) context.log.add('VALUE_UNREAD', flag.at);
  const deceased = textAt(patient, 'deceasedDateTime');
  if (deceased === undefined) return undefined;
  const diedMs = parseInstant(deceased);
  if (diedMs === undefined) {
    if (isLast) context.log.add('VALUE_UNREAD', `${patient.at}.deceasedDateTime`);
    return undefined;
  }
  const during = startMs !== undefined && endMs !== undefined && diedMs >= startMs && diedMs <= endMs;
  return isLast || during ? deceased : undefined;
}

function patientByName(visit: Visit, context: Context): SnapshotPatient | undefined {
  const subject = child(visit.entry.resource, 'subject');
  context.log.add(subject.value === undefined ? 'FIELD_MISSING' : 'REFERENCE_UNRESOLVED', subject.at);
  const name = textAt(subject, 'display');
  return name === undefined ? undefined : { name };
}

/** A Patient contained in the Encounter itself. Its id means nothing outside, so it is known by its identifiers. */
function containedPatient({ entry }: Visit, context: Context): SnapshotPatient | undefined {
  const resource = context.references.resource(child(entry.resource, 'subject'), entry);
  if (resource === undefined || textAt(resource, 'resourceType') !== 'Patient') return undefined;
  return readPatient({ id: undefined, resource }, context);
}

function companionOf({ entry }: Visit, context: Context): PersonContact | undefined {
  for (const participant of children(entry.resource, 'participant')) {
    const reference = firstOf(participant, 'individual', 'actor');
    const person = reference === undefined ? undefined : context.references.resource(reference, entry);
    if (person !== undefined && textAt(person, 'resourceType') === 'RelatedPerson') return readPerson(person);
  }
  return undefined;
}

function motherOf({ entry }: Visit, relatives: readonly BundleEntry[]): EncounterSnapshot['mother'] {
  const born = ['hospitalization', 'admission'].some((stay) =>
    conceptCodes(child(child(entry.resource, stay), 'admitSource')).includes('born'),
  );
  const mother = born
    ? relatives.find(({ resource }) =>
        children(resource, 'relationship')
          .flatMap(conceptCodes)
          .some((code) => MOTHER.test(code)),
      )
    : undefined;
  const birthDate = mother === undefined ? undefined : textAt(mother.resource, 'birthDate');
  return birthDate === undefined || parsePartialDate(birthDate) === undefined ? undefined : { birthDate };
}

function relatedByPatient(
  entries: readonly BundleEntry[],
  patients: readonly BundleEntry[],
  visits: readonly Visit[],
  context: Context,
): ReadonlyMap<string, BundleEntry[]> {
  const known = new Set(visits.map((visit) => visit.patientKey));
  const related = new Map<string, BundleEntry[]>();
  for (const entry of entries) {
    if (entry.type !== 'RelatedPerson') continue;
    const key = patientKeyOf(entry, patients, context);
    if (key === undefined || !known.has(key)) context.log.add('REFERENCE_UNRESOLVED', entry.resource.at);
    else related.set(key, [...(related.get(key) ?? []), entry]);
  }
  return related;
}
