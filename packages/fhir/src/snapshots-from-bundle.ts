import { type EncounterSnapshot, type Issue, createIssueLog, readSnapshot } from '@zhida/core';
import { type BundleEntry, entriesOf } from './bundle/entries.js';
import { deletionsIn, withoutDeleted } from './bundle/deletions.js';
import { historiesOf } from './bundle/history.js';
import { readPeople } from './bundle/people.js';
import { placeByVisit } from './bundle/placement.js';
import { indexReferences } from './bundle/references.js';
import { withoutRepeats } from './bundle/repeats.js';
import { visitsOf } from './bundle/visits.js';
import type { Context, Contribution, Visit } from './context.js';
import { type Node, children, isObject, textAt } from './node.js';
import { readMedication, readProcedure, readServiceRequest } from './resources/acts.js';
import { readComposition, readDiagnosticReport, readDocumentReference } from './resources/documents.js';
import { readEncounter, readReasons } from './resources/encounter.js';
import { readCondition, readObservation } from './resources/facts.js';

export interface BundleOptions {
  /** What a snapshot calls the identifiers of a system, by system URI, for example a hospital's own medical record numbers. */
  readonly identifierSystems?: Readonly<Record<string, string>>;
}

export interface BundleReading {
  /** One for each Encounter of the bundle, in its order. */
  readonly snapshots: readonly EncounterSnapshot[];
  /** Ids of Encounters the bundle says are deleted: what was told of them is true of nobody. */
  readonly deleted: readonly string[];
  /** What could not be used or placed; `at` is like `entry[12].resource.onsetDateTime`, never a value. */
  readonly issues: readonly Issue[];
}

/** Issues of one bundle. */
const ISSUES_MAX = 1_000;

type FactReader = (entry: BundleEntry, context: Context, visit: Visit) => Contribution;

const FACT_READERS: ReadonlyMap<string, FactReader> = new Map<string, FactReader>([
  ['Condition', readCondition],
  ['Observation', readObservation],
  ['Procedure', readProcedure],
  ['MedicationRequest', readMedication],
  ['MedicationStatement', readMedication],
  ['MedicationAdministration', readMedication],
  ['MedicationDispense', readMedication],
  ['ServiceRequest', readServiceRequest],
  ['DiagnosticReport', readDiagnosticReport],
  ['DocumentReference', readDocumentReference],
  ['Composition', readComposition],
]);
const FACT_LISTS = ['notes', 'conditions', 'observations', 'procedures', 'orders', 'medications'] as const;

/** Read elsewhere, or about money, staff, places and vaccines: nothing a snapshot has a field for. Every other type is named in an issue. */
const WITHOUT_FACTS = new Set(
  (
    'Account Appointment Binary Claim ClaimResponse Coverage Device Encounter EpisodeOfCare ExplanationOfBenefit HealthcareService Immunization ' +
    'ImmunizationRecommendation InsurancePlan Invoice Location Medication MessageHeader OperationOutcome Organization Patient Practitioner ' +
    'PractitionerRole Provenance RelatedPerson Schedule Slot Specimen Subscription'
  ).split(' '),
);

/**
 * Reads a FHIR R4 or R5 Bundle of any type into one EncounterSnapshot for each Encounter.
 *
 * Total: whatever the input is, the answer is snapshots and issues. A resource that cannot be placed in a visit, has a type
 * this reader does not know, or holds something that is not text, is named by its index; nothing is lost in silence. Earlier
 * encounters of the same patient become the `history` of later ones. What an entry says is deleted is left out, and an Encounter of it named. Knows no rule and no network.
 */
export function snapshotsFromBundle(input: unknown, options: BundleOptions = {}): BundleReading {
  const log = createIssueLog(ISSUES_MAX);
  const bundle: Node = { value: input, at: '' };
  if (!isObject(input) || textAt(bundle, 'resourceType') !== 'Bundle') {
    log.add('RESOURCE_UNREADABLE', '', 'error');
    return { snapshots: [], deleted: [], issues: log.issues };
  }
  const isHistory = textAt(bundle, 'type') === 'history';
  const { left, last, unmatched } = withoutDeleted(entriesOf(bundle, log), deletionsIn(bundle, log), isHistory);
  for (const { type, at } of unmatched) if (type === 'Patient' || FACT_READERS.has(type)) log.add('REFERENCE_UNRESOLVED', at);
  const deleted = last.filter(({ type }) => type === 'Encounter').map(({ id }) => id);
  const entries = withoutRepeats(left);
  const context: Context = {
    references: indexReferences(entries),
    log,
    identifierSystems: new Map(Object.entries(options.identifierSystems ?? {})),
  };
  const visits = visitsOf(entries, context);
  if (visits.length === 0 && deleted.length === 0) log.add('FIELD_MISSING', 'entry', 'information');
  return { snapshots: snapshotsOf(entries, visits, context), deleted: [...new Set(deleted)], issues: log.issues };
}

function snapshotsOf(entries: readonly BundleEntry[], visits: readonly Visit[], context: Context): EncounterSnapshot[] {
  const contributions = placeFacts(entries, visits, context);
  const peopleOf = readPeople(entries, visits, context);
  const feedsPresent = feedsOf(entries);
  const bodies = new Map(visits.map((visit) => [visit, bodyOf(visit, contributions.get(visit) ?? [], context)]));
  const histories = historiesOf(visits, bodies);
  return visits.flatMap((visit) => {
    const history = histories.get(visit);
    const draft = { ...bodies.get(visit), ...peopleOf(visit), ...(history === undefined ? {} : { history }), feedsPresent };
    // One reader decides what a snapshot is; it also holds the limits on length.
    const { snapshot, issues } = readSnapshot(draft);
    for (const { code, severity } of issues) context.log.add(code, visit.entry.resource.at, severity);
    return snapshot ?? [];
  });
}

function placeFacts(entries: readonly BundleEntry[], visits: readonly Visit[], context: Context): ReadonlyMap<Visit, Contribution[]> {
  const placesOf = placeByVisit(entries, visits, context);
  const placed = new Map<Visit, Contribution[]>(visits.map((visit) => [visit, []]));
  for (const entry of entries) {
    const read = FACT_READERS.get(entry.type);
    if (read === undefined) {
      if (!WITHOUT_FACTS.has(entry.type)) context.log.add('VALUE_UNREAD', entry.resource.at, 'information');
      continue;
    }
    // It may change what the resource means. Left out a child might be missed, so it is read, and named.
    if (children(entry.resource, 'modifierExtension').length > 0) context.log.add('VALUE_UNREAD', `${entry.resource.at}.modifierExtension`);
    for (const visit of placesOf(entry)) placed.get(visit)?.push(read(entry, context, visit));
  }
  return placed;
}

function bodyOf(visit: Visit, contributions: readonly Contribution[], context: Context): EncounterSnapshot {
  const { entry } = visit;
  const header = readEncounter(entry, idOf(entry), context);
  if (textAt(entry.resource, 'status') === 'entered-in-error') {
    // The visit never was: it keeps its place among the snapshots, its facts speak of nobody.
    context.log.add('VALUE_UNREAD', `${entry.resource.at}.status`, 'information');
    return header;
  }
  const all = [readReasons(entry, header.period?.start), ...contributions];
  const lists = FACT_LISTS.map(
    (list) => [list, all.flatMap((contribution: Contribution): readonly unknown[] => contribution[list] ?? [])] as const,
  );
  return { ...header, ...Object.fromEntries(lists.filter(([, facts]) => facts.length > 0)) };
}

/** The resource's id, else what its `fullUrl` ends in, else its place: a snapshot always has an id. */
function idOf({ id, fullUrl, resource }: BundleEntry): string {
  return id ?? fullUrl?.split(/[/:]/).findLast((part) => part !== '') ?? resource.at;
}

function feedsOf(entries: readonly BundleEntry[]): string[] {
  const types = new Set(entries.map(({ type }) => type));
  const has = (...wanted: readonly string[]): boolean => wanted.some((type) => types.has(type));
  return [
    ...(has('DocumentReference', 'Composition', 'DiagnosticReport') ? ['notes'] : []),
    ...(has('Condition') ? ['conditions'] : []),
    ...(has('Observation') ? ['observations'] : []),
    ...(has('Procedure') ? ['procedures'] : []),
    ...(has('ServiceRequest') ? ['orders'] : []),
    ...(has('MedicationRequest', 'MedicationStatement', 'MedicationAdministration', 'MedicationDispense') ? ['medications'] : []),
    ...(has('RelatedPerson') ? ['guardians'] : []),
  ];
}
