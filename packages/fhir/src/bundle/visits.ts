import type { SnapshotCondition } from '@zhida/core';
import { conceptCodes, referenceIn, timeText } from '../concepts.js';
import type { Context, Visit } from '../context.js';
import { type Node, child, children, firstOf, isObject, textAt } from '../node.js';
import { spanOf } from '../resources/moments.js';
import type { BundleEntry } from './entries.js';
import { identifierKey } from './references.js';

/** http://terminology.hl7.org/CodeSystem/diagnosis-role: admission and pre-operative ones are what was thought at the start. */
const ADMISSION_ROLES = new Set(['ad', 'cc', 'pre-op', 'admission']);

/** One visit for each Encounter, in the order of the bundle. */
export function visitsOf(entries: readonly BundleEntry[], context: Context): Visit[] {
  const patients = entries.filter(({ type }) => type === 'Patient');
  return entries
    .filter(({ type }) => type === 'Encounter')
    .map((entry) => {
      const period = firstOf(entry.resource, 'period', 'actualPeriod') ?? child(entry.resource, 'period');
      return {
        entry,
        patient: patientOf(entry, patients, context),
        patientKey: patientKeyOf(entry, patients, context),
        startMs: spanAt(child(period, 'start'))?.fromMs,
        endMs: spanAt(child(period, 'end'))?.toMs,
        diagnoses: diagnosesOf(entry, context),
      };
    });
}

/** The Patient an entry is about. Where it names none and the bundle has just one, it is that one. */
function patientOf(entry: BundleEntry, patients: readonly BundleEntry[], context: Context): BundleEntry | undefined {
  const reference = subjectOf(entry);
  if (reference === undefined) return patients.length === 1 ? patients[0] : undefined;
  const found = context.references.resolve(reference, entry, 'Patient');
  return found?.type === 'Patient' ? found : undefined;
}

/** Tells patients apart, also those whose Patient resource is not in the bundle. */
export function patientKeyOf(entry: BundleEntry, patients: readonly BundleEntry[], context: Context): string | undefined {
  const known = patientOf(entry, patients, context)?.resource.at;
  const reference = subjectOf(entry);
  if (known !== undefined || reference === undefined) return known;
  const target = textAt(reference, 'reference');
  // A contained resource is known inside its own container alone: `#p1` of another one is somebody else.
  if (target?.startsWith('#') === true) return entry.resource.at + target;
  return target ?? identifierKey('Patient', child(reference, 'identifier'));
}

/** The reference to whom an entry is about, where it has one. An R5 Composition has a list of them. */
export function subjectOf({ resource }: BundleEntry): Node | undefined {
  return [...children(resource, 'subject'), ...children(resource, 'patient')][0] ?? firstOf(resource, 'subject', 'patient');
}

/** When something happened, by the first of these elements that names a time. */
export function spanIn(resource: Node, elements: readonly string[]): ReturnType<typeof spanOf> {
  const moment = timeText(resource, ...elements);
  return moment === undefined ? undefined : spanAt(moment);
}

function spanAt(moment: Node): ReturnType<typeof spanOf> {
  return typeof moment.value === 'string' ? spanOf(moment.value) : undefined;
}

function diagnosesOf(encounter: BundleEntry, context: Context): ReadonlyMap<BundleEntry, SnapshotCondition['role']> {
  const diagnoses = new Map<BundleEntry, SnapshotCondition['role']>();
  const put = (reference: Node, role: SnapshotCondition['role']): void => {
    const entry = context.references.resolve(reference, encounter);
    if (entry === undefined) context.log.add('REFERENCE_UNRESOLVED', reference.at);
    else if (!diagnoses.has(entry)) diagnoses.set(entry, role);
  };
  for (const diagnosis of children(encounter.resource, 'diagnosis')) {
    const conditions = children(diagnosis, 'condition');
    if (conditions.length === 0) context.log.add('REFERENCE_UNRESOLVED', `${diagnosis.at}.condition`);
    // A concept in the place of a reference (R5) is a fact of the Encounter itself.
    for (const condition of conditions) if (!isObject(child(condition, 'concept').value)) put(referenceIn(condition), roleOf(diagnosis));
  }
  const reasons = children(encounter.resource, 'reason').flatMap((reason) => children(reason, 'value'));
  const named = reasons.filter((value) => isObject(child(value, 'reference').value)).map(referenceIn);
  for (const reference of [...children(encounter.resource, 'reasonReference'), ...named]) put(reference, 'admission');
  return diagnoses;
}

/** R4 has one use and a rank, R5 a list of uses. */
export function roleOf(diagnosis: Node): SnapshotCondition['role'] {
  if (
    children(diagnosis, 'use')
      .flatMap(conceptCodes)
      .some((code) => ADMISSION_ROLES.has(code))
  )
    return 'admission';
  return child(diagnosis, 'rank').value === 1 ? 'main' : 'other';
}
