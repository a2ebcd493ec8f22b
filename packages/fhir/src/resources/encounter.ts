import {
  type Arrival,
  type Disposition,
  type EncounterClass,
  type EncounterSnapshot,
  type SnapshotCondition,
  type SnapshotNote,
  checkUscc,
  table,
  compact,
} from '@zhida/core';
import type { BundleEntry } from '../bundle/entries.js';
import { roleOf } from '../bundle/visits.js';
import { codingsOf, conceptCodes, conceptIn, conceptText, isDiagnosisCode, preferredCoding } from '../concepts.js';
import type { Context } from '../context.js';
import { type Node, child, children, firstOf, isObject, textAt } from '../node.js';
import { nameOf } from './facts.js';
import { momentOf } from './moments.js';

/** v3-ActCode, as Encounter.class uses it. */
const CLASSES = table<EncounterClass>({
  amb: 'outpatient',
  emer: 'emergency',
  imp: 'inpatient',
  acute: 'inpatient',
  nonac: 'inpatient',
  obsenc: 'inpatient',
  prenc: 'inpatient',
  ss: 'inpatient',
  vr: 'virtual',
  hh: 'other',
  fld: 'other',
});
/** http://terminology.hl7.org/CodeSystem/discharge-disposition, and the words of 离院方式 on a Chinese front page. */
const DISPOSITIONS = table<Disposition>({
  home: 'home',
  'alt-home': 'home',
  'other-hcf': 'transferred',
  hosp: 'transferred',
  long: 'transferred',
  psy: 'transferred',
  rehab: 'transferred',
  snf: 'transferred',
  aadvice: 'against-advice',
  exp: 'died',
  oth: 'other',
  医嘱离院: 'home',
  医嘱转院: 'transferred',
  医嘱转社区卫生服务机构: 'transferred',
  非医嘱离院: 'against-advice',
  自动出院: 'against-advice',
  死亡: 'died',
  // NUBC patient status codes, as United States systems send them.
  'nubc|01': 'home',
  'nubc|02': 'transferred',
  'nubc|03': 'transferred',
  'nubc|05': 'transferred',
  'nubc|06': 'home',
  'nubc|07': 'against-advice',
  'nubc|20': 'died',
});
/** http://terminology.hl7.org/CodeSystem/admit-source: somebody else sent the patient. */
const REFERRALS = new Set(['hosp-trans', 'gp', 'mp', 'outp', 'rehab', 'psych', 'nursing']);

/** What the Encounter itself says: where, when, how the patient came and left. */
export function readEncounter(entry: BundleEntry, id: string, context: Context): EncounterSnapshot {
  const { resource } = entry;
  const stay = firstOf(resource, 'hospitalization', 'admission') ?? child(resource, 'hospitalization');
  const period = periodOf(resource, context);
  return compact<EncounterSnapshot>({
    schemaVersion: '1',
    id,
    revision: revisionOf(resource),
    facility: facilityOf(child(resource, 'serviceProvider'), entry, context),
    department: departmentOf(entry, context),
    visitNumber: children(resource, 'identifier')
      .map((identifier) => textAt(identifier, 'value'))
      .find(Boolean),
    location: children(resource, 'location')
      .map((place) => nameOf(child(place, 'location'), entry, context))
      .find(Boolean),
    class: classOf(resource, stay, context),
    period: Object.keys(period).length === 0 ? undefined : period,
    arrival: arrivalOf(stay),
    disposition: dispositionOf(child(stay, 'dischargeDisposition'), context),
  });
}

/** The reason a patient came with, as the complaint it is, and as a diagnosis on admission where it is coded as one. */
export function readReasons({ resource }: BundleEntry, at: string | undefined): { notes: SnapshotNote[]; conditions: SnapshotCondition[] } {
  const reasons = [...children(resource, 'reasonCode'), ...children(resource, 'reason').flatMap((reason) => conceptsIn(reason, 'value'))];
  const notes = reasons.flatMap((reason) => {
    const text = conceptText(reason);
    return text === undefined ? [] : [compact<SnapshotNote>({ section: 'chief-complaint', text, at })];
  });
  const conditions = reasons.flatMap((reason) =>
    codingsOf(reason)
      .filter(isDiagnosisCode)
      .map(({ code, system, display }) => compact<SnapshotCondition>({ code, system, text: display, role: 'admission' })),
  );
  return { notes, conditions: [...conditions, ...namedDiagnoses(resource)] };
}

/** Diagnoses that an R5 Encounter names by a concept alone. */
function namedDiagnoses(resource: Node): SnapshotCondition[] {
  return children(resource, 'diagnosis').flatMap((diagnosis) =>
    conceptsIn(diagnosis, 'condition').map((concept) => {
      const coding = preferredCoding(concept, ['icd-10-cn', 'icd-10', 'icd-10-cm']);
      return compact<SnapshotCondition>({
        code: coding?.code,
        system: coding?.system,
        text: conceptText(concept),
        role: roleOf(diagnosis),
      });
    }),
  );
}

/** The concepts among the CodeableReferences of an element. */
function conceptsIn(node: Node, key: string): Node[] {
  return children(node, key)
    .map((either) => child(either, 'concept'))
    .filter((concept) => isObject(concept.value));
}

function periodOf(resource: Node, context: Context): NonNullable<EncounterSnapshot['period']> {
  const period = firstOf(resource, 'period', 'actualPeriod');
  if (period === undefined) return {};
  const { at: start } = momentOf(period, context, 'start');
  const { at: end } = momentOf(period, context, 'end');
  return compact({ start, end });
}

function revisionOf(resource: Node): number | undefined {
  const version = textAt(resource, 'meta', 'versionId');
  return version !== undefined && /^\d{1,9}$/.test(version) ? Number(version) : undefined;
}

function classOf(resource: Node, stay: Node, context: Context): EncounterClass | undefined {
  if (conceptCodes(child(stay, 'admitSource')).includes('born')) return 'birth';
  // R4 has one Coding here, R5 a list of concepts.
  const codes = children(resource, 'class').flatMap(conceptCodes);
  if (codes.length === 0) return undefined;
  const known = codes.map((code) => CLASSES.get(code)).find(Boolean);
  if (known === undefined) context.log.add('FIELD_UNKNOWN_CODE', `${resource.at}.class`);
  return known ?? 'other';
}

function arrivalOf(stay: Node): Arrival | undefined {
  return conceptCodes(child(stay, 'admitSource')).some((code) => REFERRALS.has(code)) ? 'referral' : undefined;
}

function dispositionOf(concept: Node, context: Context): Disposition | undefined {
  const codes = codingsOf(concept).map(({ code, system }) => (system?.includes('nubc.org') === true ? `nubc|${code}` : code.toLowerCase()));
  const words = [...codes, conceptText(concept)].filter((word) => word !== undefined);
  if (words.length === 0) return undefined;
  const known = words.map((word) => DISPOSITIONS.get(word)).find(Boolean);
  if (known === undefined) context.log.add('FIELD_UNKNOWN_CODE', concept.at);
  return known ?? 'other';
}

function departmentOf(entry: BundleEntry, context: Context): EncounterSnapshot['department'] {
  const services = children(entry.resource, 'serviceType');
  const concept = services.map(conceptIn)[0] ?? child(entry.resource, 'serviceType');
  const department = compact<NonNullable<EncounterSnapshot['department']>>({
    code: codingsOf(concept)[0]?.code,
    // In R5 it may be a reference to a HealthcareService.
    name: conceptText(concept) ?? services.map((service) => nameOf(child(service, 'reference'), entry, context)).find(Boolean),
  });
  return Object.keys(department).length === 0 ? undefined : department;
}

function facilityOf(reference: Node, from: BundleEntry, context: Context): EncounterSnapshot['facility'] {
  const organization = context.references.resource(reference, from);
  const codes =
    organization === undefined ? [] : children(organization, 'identifier').flatMap((identifier) => textAt(identifier, 'value') ?? []);
  const facility = compact<NonNullable<EncounterSnapshot['facility']>>({
    // Of several numbers of one hospital its 统一社会信用代码 is the one others know.
    code: codes.find(checkUscc) ?? codes[0],
    name: (organization === undefined ? undefined : textAt(organization, 'name')) ?? textAt(reference, 'display'),
  });
  return Object.keys(facility).length === 0 ? undefined : facility;
}
