import { type EncounterSnapshot, type SnapshotEvent, compact } from '@zhida/core';
import type { IssueLog } from '../issue-log.js';
import type { Settings } from '../options.js';
import { type Segment, placeOf } from '../wire/segment.js';
import { type FactReading, readFacts } from './facts.js';
import type { MessageHeader } from './header.js';
import { numbersAt, patientKey, patientNumberOf } from './identifiers.js';
import { staffOf } from './names.js';
import { identityOf, isDead, readPatient } from './patient.js';
import { readPeople } from './people.js';
import { timeAt } from './times.js';
import { type Trigger, isAboutNumbers } from './trigger.js';
import type { PriorVisit, VisitUpdate } from './update.js';
import { facilityOf, placementOf, readVisit, visitNumberOf } from './visit.js';

interface Source {
  readonly msh: Segment;
  readonly header: MessageHeader;
  readonly trigger: Trigger;
  readonly settings: Settings;
  readonly log: IssueLog;
}

/** What a message says of one patient: `segments` are that patient's own, `evn` is the message's. */
export function updateOf(source: Source & { readonly evn: Segment | undefined; readonly segments: readonly Segment[] }): VisitUpdate {
  const { header, trigger, evn, segments, settings, log } = source;
  const [pid, pv1, mrg] = ['PID', 'PV1', 'MRG'].map((type) => segments.find((segment) => segment.type === type));
  if (pid === undefined) log.add('FIELD_MISSING', 'PID');
  const reading = readFacts(segments, header, settings, log);
  const visit = pv1 === undefined ? {} : readVisit(pv1, settings, log);
  const people = readPeople(
    segments.filter(({ type }) => type === 'NK1' || type === 'GT1'),
    visit.class === 'birth',
  );
  const identities = identitiesOf(source, pid, pv1);
  const patient = pid === undefined ? {} : readPatient(pid, identities.patientNumber, settings, log);
  const dead = pid !== undefined && isDead(pid);
  const recordedAt = recordedTime(evn, settings, log);
  const died = dead || visit.disposition === 'died' || typeof patient.deceasedAt === 'string';
  const retiredKeys = mrg === undefined || !isAboutNumbers(trigger) ? [] : retiredKeysOf(mrg, source);
  return joined(identities, {
    retiredKeys,
    prior: trigger.effect === 'move-visit' ? priorVisitOf(trigger, mrg, identities, retiredKeys) : undefined,
    patient,
    visit,
    people,
    event: eventOf(trigger, reading, { evn, pv1, died, at: recordedAt ?? header.sentAt }),
    dead,
    occurredAt: recordedAt ?? reading.at ?? header.sentAt,
    facts: reading.facts,
    clears: reading.clears,
    feeds: [...new Set([...reading.facts.map(({ list }) => list), ...Object.keys(people)])],
  });
}

/** EVN-6, when it happened, else EVN-2, when it was entered. */
function recordedTime(evn: Segment | undefined, { zone }: Settings, log: IssueLog): string | undefined {
  return evn === undefined ? undefined : (timeAt(evn, 6, zone, log) ?? timeAt(evn, 2, zone, log));
}

/** Of an adult only who, where and when. */
export function skimmedUpdate(source: Source & { readonly pid: Segment; readonly pv1: Segment | undefined }): VisitUpdate {
  const { header, pid, pv1, settings, log } = source;
  const identities = identitiesOf(source, pid, pv1);
  return joined(identities, {
    retiredKeys: [],
    prior: undefined,
    patient: compact(identityOf(pid, identities.patientNumber, log)),
    visit: pv1 === undefined ? {} : compact({ visitNumber: identities.visitNumber, ...placementOf(pv1, settings, log) }),
    people: {},
    event: undefined,
    dead: false,
    occurredAt: header.sentAt,
    facts: [],
    clears: [],
    feeds: [],
  });
}

type Identities = Pick<
  VisitUpdate,
  'effect' | 'undoesDischarge' | 'facilityKey' | 'patientNumber' | 'patientKey' | 'visitNumber' | 'visitKey' | 'mode' | 'facility'
>;

/** By name and not by a spread, which for so many fields costs more than the parse of a message. */
function joined(who: Identities, what: Omit<VisitUpdate, keyof Identities>): VisitUpdate {
  return {
    effect: who.effect,
    undoesDischarge: who.undoesDischarge,
    facilityKey: who.facilityKey,
    patientNumber: who.patientNumber,
    patientKey: who.patientKey,
    visitNumber: who.visitNumber,
    visitKey: who.visitKey,
    mode: who.mode,
    facility: who.facility,
    retiredKeys: what.retiredKeys,
    prior: what.prior,
    patient: what.patient,
    visit: what.visit,
    people: what.people,
    event: what.event,
    dead: what.dead,
    occurredAt: what.occurredAt,
    facts: what.facts,
    clears: what.clears,
    feeds: what.feeds,
  };
}

function identitiesOf({ msh, header, trigger, settings, log }: Source, pid: Segment | undefined, pv1: Segment | undefined): Identities {
  const facility = facilityOf(msh, header, settings);
  const facilityKey = facility?.code ?? facility?.name ?? '';
  const number = pid === undefined ? undefined : patientNumberOf(pid);
  if (pid !== undefined && number === undefined) log.add('FIELD_MISSING', placeOf(pid, 3));
  const visitNumber = trigger.names === 'account' ? pid?.text(18) : pv1 === undefined ? undefined : visitNumberOf(pv1);
  const key = number === undefined ? undefined : patientKey(number, facilityKey, settings);
  return {
    effect: trigger.effect,
    undoesDischarge: trigger.undoesDischarge === true,
    facilityKey,
    patientNumber: number?.value,
    patientKey: key,
    visitNumber,
    visitKey: visitNumber === undefined ? loneKey(header, facilityKey, key) : visitKeyOf(visitNumber, key, facilityKey),
    mode: header.mode,
    facility,
  };
}

/** A visit number may be a mere count of the patient's visits, so it names a visit only together with the patient. */
export function visitKeyOf(visitNumber: string, ownPatientKey: string | undefined, facilityKey: string): string {
  return `v|${ownPatientKey ?? facilityKey}|${visitNumber}`;
}

/** Without a patient and a visit a message is a visit of its own: nothing else could be said of it without a guess. */
function loneKey({ controlId, sentAt }: MessageHeader, facilityKey: string, key: string | undefined): string | undefined {
  return key === undefined ? `m|${facilityKey}|${controlId}@${sentAt ?? ''}` : undefined;
}

function retiredKeysOf(mrg: Segment, { msh, header, settings }: Source): string[] {
  const facility = facilityOf(msh, header, settings);
  const facilityKey = facility?.code ?? facility?.name ?? '';
  const numbers = [...numbersAt(mrg, 1), ...numbersAt(mrg, 4)];
  return [...new Set(numbers.map((number) => patientKey(number, facilityKey, settings)))];
}

/** MRG-5 (visit) or MRG-3 (account), of the patient of MRG-1 where it names one, else of the patient of PID. */
function priorVisitOf(
  { names }: Trigger,
  mrg: Segment | undefined,
  { patientKey: own, facilityKey }: Identities,
  retiredKeys: readonly string[],
): PriorVisit {
  const field = names === 'account' ? 3 : 5;
  const number = mrg?.text(field);
  const patients = retiredKeys.length === 0 ? [own] : retiredKeys;
  return {
    keys: number === undefined ? [] : patients.map((key) => visitKeyOf(number, key, facilityKey)),
    at: `MRG-${field}`,
    toAt: names === 'account' ? 'PID-18' : 'PV1-19',
  };
}

interface Circumstances {
  readonly evn: Segment | undefined;
  readonly pv1: Segment | undefined;
  readonly died: boolean;
  readonly at: string | undefined;
}

/** What happened and who is behind it: a result concerns who ordered it, a document who wrote it, else who did it or attends. */
function eventOf(trigger: Trigger, reading: FactReading, { evn, pv1, died, at }: Circumstances): EncounterSnapshot['event'] {
  const told = trigger.event === 'triage' || trigger.event === undefined;
  const kind = reading.hasDiagnosis && told && trigger.effect === 'update' ? 'diagnosis' : trigger.event;
  if (kind === undefined) return undefined;
  const attending = pv1 === undefined ? undefined : staffOf(pv1, 7).id;
  const operator = evn === undefined ? undefined : staffOf(evn, 5).id;
  const staffId = reading.staffId ?? operator ?? attending;
  return compact<SnapshotEvent>({
    kind: died && kind === 'discharge' ? 'death' : kind,
    at: reading.at ?? at,
    staffId,
    // EVN-5 may be anybody at a keyboard.
    role: staffId !== undefined && staffId !== operator ? 'doctor' : undefined,
  });
}
