import { type EncounterSnapshot, type IssueLog, checkUscc, compact, orNone } from '@zhida/core';
import { ADMISSION_WAYS, CLASSES, DISPOSITIONS, type DocumentKind, ROOTS } from './codes.js';
import { type XmlElement, attribute, child, children, elementsOf, placeOf, textOf } from './element.js';
import { timeOf } from './values.js';

/** What the head of a document says of the visit. */
export interface VisitHead
  extends Pick<EncounterSnapshot, 'facility' | 'department' | 'visitNumber' | 'location' | 'class' | 'arrival' | 'disposition'> {
  /** Names the visit among those of its hospital; absent where nothing does. */
  readonly id?: string;
  readonly start?: string;
  readonly end?: string;
  /** No admission is told: it is when the document was written. */
  readonly startIsGuessed?: boolean;
}

export function readVisit(document: XmlElement, kind: DocumentKind, log: IssueLog, zone: string): VisitHead {
  const role = child(document, 'recordTarget', 'patientRole');
  const encounter = child(document, 'componentOf', 'encompassingEncounter');
  const visitClass = classOf(role, encounter, kind);
  const organizations = organizationsOf(encounter);
  const department = departmentOf(role, organizations);
  return compact<VisitHead>({
    ...numberOf(role, encounter, visitClass),
    facility: facilityOf(document, role, organizations),
    department,
    location: locationOf(organizations),
    class: department?.name?.includes('急诊') === true && visitClass === 'outpatient' ? 'emergency' : visitClass,
    arrival: arrivalOf(encounter),
    disposition: dispositionOf(child(encounter, 'dischargeDispositionCode'), log) ?? kind.disposition,
    ...periodOf(document, encounter, log, zone),
  });
}

/** The number of the stay or of the visit, as the class says where both are there: the two are counted apart. */
function numberOf(
  role: XmlElement | undefined,
  encounter: XmlElement | undefined,
  visitClass: EncounterSnapshot['class'],
): { id?: string; visitNumber?: string } {
  const of = (root: string): string | undefined =>
    children(role, 'id')
      .filter((id) => attribute(id, 'root') === root)
      .map((id) => attribute(id, 'extension'))
      .find(Boolean);
  const [stay, visit] = [of(ROOTS.inpatient), of(ROOTS.outpatient)];
  const isStay = stay !== undefined && (visit === undefined || visitClass === 'inpatient' || visitClass === undefined);
  const number = isStay ? stay : visit;
  if (number !== undefined) return { id: `${isStay ? 'inpatient' : 'outpatient'}-${number}`, visitNumber: number };
  const other = children(encounter, 'id')
    .map((id) => attribute(id, 'extension') ?? attribute(id, 'root'))
    .find(Boolean);
  return other === undefined ? {} : { id: other, visitNumber: other };
}

function classOf(role: XmlElement | undefined, encounter: XmlElement | undefined, kind: DocumentKind): EncounterSnapshot['class'] {
  const code = child(encounter, 'code');
  // The way of admission stands in the same place, and counts otherwise.
  const act = attribute(code, 'codeSystem') === ROOTS.admissionWay ? undefined : attribute(code, 'code');
  const type = attribute(child(role, 'patientType', 'patienttypeCode'), 'code');
  return CLASSES.get(type ?? '') ?? (act === undefined || /^\d/.test(act) ? undefined : CLASSES.get(act)) ?? kind.class;
}

function arrivalOf(encounter: XmlElement | undefined): EncounterSnapshot['arrival'] {
  const code = child(encounter, 'code');
  return attribute(code, 'codeSystem') === ROOTS.admissionWay ? ADMISSION_WAYS.get(attribute(code, 'code') ?? '') : undefined;
}

function dispositionOf(code: XmlElement | undefined, log: IssueLog): EncounterSnapshot['disposition'] {
  const written = attribute(code, 'code');
  if (code === undefined || written === undefined) return undefined;
  const known = DISPOSITIONS.get(written);
  if (known === undefined) log.add('FIELD_UNKNOWN_CODE', placeOf(code));
  return known ?? 'other';
}

/** The bed, in its room, in its ward, in its department, in its hospital: each an organization inside the next. */
function organizationsOf(holder: XmlElement | undefined): XmlElement[] {
  if (holder === undefined) return [];
  const inside = elementsOf(holder).flatMap(organizationsOf);
  return ['wholeOrganization', 'serviceProviderOrganization', 'providerOrganization'].includes(holder.name) ? [holder, ...inside] : inside;
}

function nameUnder(organizations: readonly XmlElement[], root: string): string | undefined {
  return textOf(child(withRoot(organizations, root), 'name'));
}

function withRoot(organizations: readonly XmlElement[], root: string): XmlElement | undefined {
  return organizations.find((organization) => children(organization, 'id').some((id) => attribute(id, 'root') === root));
}

function departmentOf(role: XmlElement | undefined, organizations: readonly XmlElement[]): EncounterSnapshot['department'] {
  const all = [...organizations, ...organizationsOf(role)];
  const department = withRoot(all, ROOTS.department);
  const name = textOf(child(department, 'name'));
  const code = attribute(children(department, 'id')[0], 'extension');
  return orNone(compact({ code: code === name ? undefined : code, name }));
}

function locationOf(organizations: readonly XmlElement[]): string | undefined {
  const parts = [ROOTS.ward, ROOTS.room, ROOTS.bed].map((root) => nameUnder(organizations, root)).filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(' ');
}

function facilityOf(
  document: XmlElement,
  role: XmlElement | undefined,
  organizations: readonly XmlElement[],
): EncounterSnapshot['facility'] {
  const custodian = child(document, 'custodian', 'assignedCustodian', 'representedCustodianOrganization');
  const provider = withRoot([...organizationsOf(role), ...organizations], ROOTS.facility);
  const candidates = [custodian, provider].filter((one) => one !== undefined);
  const codes = candidates.flatMap((one) => children(one, 'id').flatMap((id) => attribute(id, 'extension') ?? []));
  const name = candidates.map((one) => textOf(child(one, 'name'))).find(Boolean);
  return orNone(compact({ code: codes.find(checkUscc) ?? codes[0], name }));
}

function periodOf(
  document: XmlElement,
  encounter: XmlElement | undefined,
  log: IssueLog,
  zone: string,
): Pick<VisitHead, 'start' | 'end' | 'startIsGuessed'> {
  const time = child(encounter, 'effectiveTime');
  const start = timeOf(time, log, zone) ?? timeOf(child(time, 'low'), log, zone);
  const end = timeOf(child(time, 'high'), log, zone);
  if (start !== undefined) return { start, ...(end === undefined ? {} : { end }) };
  const written = timeOf(child(document, 'author', 'time'), log, zone) ?? timeOf(child(document, 'effectiveTime'), log, zone);
  return { ...(written === undefined ? {} : { start: written, startIsGuessed: true }), ...(end === undefined ? {} : { end }) };
}
