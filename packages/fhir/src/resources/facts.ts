import {
  type FactStatus,
  type SnapshotCondition,
  type SnapshotNote,
  type SnapshotObservation,
  table,
  type Defined,
  compact,
} from '@zhida/core';
import type { BundleEntry } from '../bundle/entries.js';
import { codingsOf, conceptCodes, conceptText, isDiagnosisCode, preferredCoding } from '../concepts.js';
import type { Context, Contribution, Visit } from '../context.js';
import { child, children, firstOf, textAt, type Node } from '../node.js';
import { momentOf, spanOf } from './moments.js';

const CERTAINTIES = table<SnapshotCondition['certainty']>({
  confirmed: 'confirmed',
  provisional: 'suspected',
  differential: 'suspected',
  unconfirmed: 'suspected',
  refuted: 'ruled-out',
});
const PAST = new Set(['inactive', 'resolved', 'remission']);

/** The free remarks of a resource (`note`), under a heading of the caller's choice. */
export function annotations(resource: Node, section: SnapshotNote['section']): SnapshotNote[] {
  return children(resource, 'note').flatMap((note) => {
    const text = textAt(note, 'text');
    return text === undefined ? [] : [{ section, text }];
  });
}

/** A Condition: one fact for each ICD code it carries, else one for its first code, else one for its text. */
export function readCondition(entry: BundleEntry, _context: Context, visit: Visit): Contribution {
  const { resource } = entry;
  const concept = child(resource, 'code');
  const sites = children(resource, 'bodySite').map(conceptText).filter(Boolean);
  const words = conceptText(concept);
  const icd = codingsOf(concept).filter(isDiagnosisCode);
  const codings = icd.length > 0 ? icd : codingsOf(concept).slice(0, 1);
  const verification = conceptCodes(child(resource, 'verificationStatus'));
  const common = compact<Omit<SnapshotCondition, 'code' | 'system'>>({
    text: words === undefined || sites.length === 0 ? words : `${words} (${sites.join(', ')})`,
    role: roleOf(resource, visit, entry),
    certainty: verification.map((code) => CERTAINTIES.get(code)).find(Boolean),
    status: verification.includes('entered-in-error') ? 'entered-in-error' : undefined,
  });
  const conditions = codings.map(({ code, system }) => compact<SnapshotCondition>({ code, system, ...common }));
  if (conditions.length === 0 && words !== undefined) conditions.push(common);
  return { conditions, notes: annotations(resource, 'assessment') };
}

function roleOf(resource: Node, visit: Visit, entry: BundleEntry): SnapshotCondition['role'] {
  const named = visit.diagnoses.get(entry);
  if (named !== undefined) return named;
  const ended = firstOf(resource, 'abatementDateTime', 'abatementString');
  if (ended !== undefined) {
    // Whether it is over now says nothing about the visit; what counts is whether it was over then.
    const span = typeof ended.value === 'string' ? spanOf(ended.value) : undefined;
    return span !== undefined && visit.startMs !== undefined && span.toMs < visit.startMs ? 'history' : undefined;
  }
  const isProblem = children(resource, 'category').some((category) => conceptCodes(category).includes('problem-list-item'));
  return isProblem && conceptCodes(child(resource, 'clinicalStatus')).some((code) => PAST.has(code)) ? 'history' : undefined;
}

const OBSERVATION_STATUSES = table<FactStatus>({
  registered: 'preliminary',
  preliminary: 'preliminary',
  final: 'final',
  // In FHIR the amended or corrected result is the one that stands; in a snapshot `corrected` marks the one that fell.
  amended: 'final',
  corrected: 'final',
  cancelled: 'entered-in-error',
  'entered-in-error': 'entered-in-error',
});
/** Text results under these categories are written findings, so they are also read as notes. */
const WRITTEN = table<SnapshotNote['section']>({
  exam: 'physical-exam',
  imaging: 'imaging',
  'social-history': 'social',
  procedure: 'procedure',
});

/** An Observation and each of its components, as facts of their own with the name of the whole in front. */
export function readObservation(entry: BundleEntry, context: Context): Contribution {
  const { resource } = entry;
  const common: Defined<SnapshotObservation> = {
    specimen: nameOf(child(resource, 'specimen'), entry, context),
    performer: children(resource, 'performer')
      .map((performer) => nameOf(performer, entry, context))
      .find(Boolean),
    status: OBSERVATION_STATUSES.get(textAt(resource, 'status') ?? ''),
    ...momentOf(resource, context, 'effectiveDateTime', 'effectiveInstant', 'effectivePeriod', 'issued'),
  };
  const whole = resultOf(resource, undefined, common, context);
  const parts = children(resource, 'component').map((part) => resultOf(part, whole.name, common, context));
  const observations = whole.value === undefined && parts.length > 0 ? parts : [whole, ...parts];
  const section = children(resource, 'category')
    .flatMap(conceptCodes)
    .map((code) => WRITTEN.get(code))
    .find(Boolean);
  const written = section === undefined ? [] : observations.filter(({ value }) => typeof value === 'string');
  const notes = written.map(
    ({ name, value }): SnapshotNote => ({ section: section ?? 'other', text: `${name === undefined ? '' : `${name}：`}${String(value)}` }),
  );
  return { observations, notes: common.status === 'entered-in-error' ? [] : [...notes, ...annotations(resource, section ?? 'laboratory')] };
}

function resultOf(part: Node, whole: string | undefined, common: Defined<SnapshotObservation>, context: Context): SnapshotObservation {
  const concept = child(part, 'code');
  const coding = preferredCoding(concept, ['loinc']);
  const name = conceptText(concept);
  return compact<SnapshotObservation>({
    code: coding?.code,
    system: coding?.system,
    name: whole === undefined || name === undefined ? (name ?? whole) : `${whole} ${name}`,
    ...valueOf(part, context),
    interpretation: children(part, 'interpretation')
      .map((concept) => codingsOf(concept)[0]?.code ?? conceptText(concept))
      .find(Boolean),
    ...common,
  });
}

function valueOf(part: Node, context: Context): Pick<Defined<SnapshotObservation>, 'value' | 'unit'> {
  const quantity = firstOf(part, 'valueQuantity');
  if (quantity !== undefined) return quantityOf(quantity);
  const plain = firstOf(part, 'valueString', 'valueBoolean', 'valueInteger', 'valueDateTime', 'valueTime');
  if (plain !== undefined && ['string', 'boolean', 'number'].includes(typeof plain.value))
    return { value: plain.value as string | boolean | number };
  const concept = firstOf(part, 'valueCodeableConcept');
  if (concept !== undefined) return { value: conceptText(concept) ?? codingsOf(concept)[0]?.code };
  const range = firstOf(part, 'valueRange', 'valueRatio');
  if (range !== undefined) return rangeOf(range);
  const unread = firstOf(part, 'valueSampledData', 'valuePeriod', 'valueAttachment', 'valueReference');
  if (unread !== undefined) context.log.add('VALUE_UNREAD', unread.at, 'information');
  return firstOf(part, 'dataAbsentReason') === undefined ? {} : { value: null };
}

function rangeOf(range: Node): Pick<Defined<SnapshotObservation>, 'value' | 'unit'> {
  const ends = [firstOf(range, 'low', 'numerator'), firstOf(range, 'high', 'denominator')];
  const read = ends.flatMap((end) => (end === undefined ? [] : [quantityOf(end)]));
  const joint = range.at.endsWith('Range') ? '–' : '/';
  return { value: read.map(({ value }) => String(value ?? '')).join(joint), unit: read.map(({ unit }) => unit).find(Boolean) };
}

function quantityOf(quantity: Node): Pick<Defined<SnapshotObservation>, 'value' | 'unit'> {
  const value = child(quantity, 'value').value;
  const unit = textAt(quantity, 'unit') ?? textAt(quantity, 'code');
  if (typeof value !== 'number') return { unit };
  const comparator = textAt(quantity, 'comparator');
  // A bound is not a number: ">1000" must not be read as 1000.
  return { value: comparator === undefined ? value : `${comparator}${value}`, unit };
}

/** What a reference is called: its display, else the name or the type of what it points at. */
export function nameOf(reference: Node, from: BundleEntry, context: Context): string | undefined {
  const display = textAt(reference, 'display');
  if (display !== undefined) return display;
  const target = context.references.resource(reference, from);
  if (target === undefined) return undefined;
  return textAt(target, 'name') ?? conceptText(child(target, 'type')) ?? conceptText(child(target, 'code'));
}
