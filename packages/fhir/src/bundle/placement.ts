import type { Context, Visit } from '../context.js';
import { type Node, child, children, firstOf, textAt } from '../node.js';
import { listedEntries } from '../resources/documents.js';
import type { BundleEntry } from './entries.js';
import { patientKeyOf, spanIn, subjectOf } from './visits.js';

/** Where the time of each kind of resource stands, the most telling first. */
const TIMES = [
  'recordedDate',
  'effectiveDateTime',
  'effectiveInstant',
  'effectivePeriod',
  'performedDateTime',
  'performedPeriod',
  'occurrenceDateTime',
  'occurrencePeriod',
  // R5 MedicationAdministration writes it so.
  'occurenceDateTime',
  'occurencePeriod',
  'authoredOn',
  'whenHandedOver',
  'date',
  'issued',
  'dateAsserted',
  'onsetDateTime',
  'onsetPeriod',
] as const;

const MS_PER_DAY = 86_400_000;
/** What is told later than this after a visit ended belongs to none without naming it; as with HL7 v2. */
const AFTER_DAYS_MAX = 30;

/** Says to which visits a resource belongs. None: an issue names the resource, so that nothing is lost in silence. */
export type Placement = (entry: BundleEntry) => readonly Visit[];

/**
 * Places by the resource's own encounter; else by who lists it (the diagnoses of an Encounter, the sections of a Composition,
 * the results of a report); else by patient and time; a resource without any time, or a visit without any, goes with the patient's
 * one visit if there is one.
 */
export function placeByVisit(entries: readonly BundleEntry[], visits: readonly Visit[], context: Context): Placement {
  const patients = entries.filter(({ type }) => type === 'Patient');
  const byEntry = new Map(visits.map((visit) => [visit.entry, visit]));
  const byPatient = groupByPatient(visits);
  const explicit = (entry: BundleEntry): Visit[] | undefined => namedVisits(entry, byEntry, context);
  const lent = lentVisits(entries, visits, explicit, context);

  return (entry) => {
    const named = explicit(entry);
    const listed = lent.get(entry) ?? [];
    if (named !== undefined || listed.length > 0) return [...new Set([...(named ?? []), ...listed])];
    const key = patientKeyOf(entry, patients, context);
    const ownVisits = subjectOf(entry) === undefined && patients.length < 2 ? visits : (byPatient.get(key ?? '') ?? []);
    const found = visitAtTimeOf(entry, ownVisits);
    if (found === undefined) context.log.add('REFERENCE_UNRESOLVED', entry.resource.at);
    return found === undefined ? [] : [found];
  };
}

/** Visits of one patient together, in order of their start; those without a start first. */
export function groupByPatient(visits: readonly Visit[]): ReadonlyMap<string, Visit[]> {
  const groups = new Map<string, Visit[]>();
  for (const visit of visits) {
    if (visit.patientKey === undefined) continue;
    const group = groups.get(visit.patientKey);
    if (group === undefined) groups.set(visit.patientKey, [visit]);
    else group.push(visit);
  }
  for (const group of groups.values()) group.sort((left, right) => (left.startMs ?? -Infinity) - (right.startMs ?? -Infinity));
  return groups;
}

/** `undefined`: it names no encounter. A named one that is not in the bundle is another visit: an issue, and no guess by time. */
function namedVisits(entry: BundleEntry, byEntry: ReadonlyMap<BundleEntry, Visit>, context: Context): Visit[] | undefined {
  const references = encounterReferences(entry);
  if (references.length === 0) return undefined;
  return references.flatMap((reference) => {
    const target = context.references.resolve(reference, entry, 'Encounter');
    const visit = target === undefined ? undefined : byEntry.get(target);
    if (visit === undefined) context.log.add('REFERENCE_UNRESOLVED', reference.at);
    return visit ?? [];
  });
}

function encounterReferences({ resource }: BundleEntry): Node[] {
  const context = child(resource, 'context');
  const nested = children(context, 'encounter');
  const direct = children(resource, 'encounter');
  // The context of an R4 MedicationStatement is itself the reference, that of an R4 DocumentReference holds a list of them, that
  // of an R5 DocumentReference is one, of which only those to encounters count.
  const plain =
    nested.length > 0 ? [] : children(resource, 'context').filter((one) => firstOf(one, 'reference', 'identifier') !== undefined);
  return [...direct, ...nested, ...plain.filter(mayBeEncounter)];
}

/** A reference that says it is to something else is none to an encounter. */
function mayBeEncounter(reference: Node): boolean {
  const type =
    textAt(reference, 'type') ?? /(?:^|\/)([A-Z][A-Za-z]+)\/[^/]+(?:\/_history\/[^/]+)?$/.exec(textAt(reference, 'reference') ?? '')?.[1];
  return type === undefined || type === 'Encounter';
}

function lentVisits(
  entries: readonly BundleEntry[],
  visits: readonly Visit[],
  explicit: (entry: BundleEntry) => Visit[] | undefined,
  context: Context,
): ReadonlyMap<BundleEntry, Visit[]> {
  const lent = new Map<BundleEntry, Visit[]>();
  const lend = (entry: BundleEntry, to: readonly Visit[]): void => {
    const known = lent.get(entry);
    if (known === undefined) lent.set(entry, [...to]);
    else for (const visit of to) if (!known.includes(visit)) known.push(visit);
  };
  for (const visit of visits) {
    for (const entry of visit.diagnoses.keys()) lend(entry, [visit]);
  }
  for (const entry of entries) {
    if (entry.type !== 'Composition' && entry.type !== 'DiagnosticReport') continue;
    const listed = entry.type === 'Composition' ? listedEntries(entry, context) : resultsOf(entry, context);
    const ownVisits = listed.length === 0 ? undefined : explicit(entry);
    if (ownVisits === undefined) continue;
    // What names its own encounter knows better than a list that mentions it.
    for (const item of listed) if (item !== entry && encounterReferences(item).length === 0) lend(item, ownVisits);
  }
  return lent;
}

function resultsOf(report: BundleEntry, context: Context): BundleEntry[] {
  return children(report.resource, 'result').flatMap((reference) => {
    const entry = context.references.resolve(reference, report);
    if (entry === undefined) context.log.add('REFERENCE_UNRESOLVED', reference.at, 'information');
    return entry ?? [];
  });
}

function visitAtTimeOf(entry: BundleEntry, visits: readonly Visit[]): Visit | undefined {
  const span = spanIn(entry.resource, TIMES);
  const [only, second] = visits;
  if (second === undefined && (span === undefined || only?.startMs === undefined)) return only;
  if (span === undefined) return undefined;
  const begun = visits.filter(({ startMs }) => startMs !== undefined && startMs <= span.toMs);
  return (
    begun.findLast(({ endMs }) => endMs === undefined || endMs >= span.fromMs) ??
    // A result comes back, and a diagnosis is coded, when the patient has gone home.
    begun.findLast(({ endMs }) => endMs !== undefined && endMs + AFTER_DAYS_MAX * MS_PER_DAY >= span.fromMs)
  );
}
