import {
  type Arrival,
  type Disposition,
  type EncounterClass,
  type EncounterSnapshot,
  type Facility,
  checkUscc,
  table,
  compact,
  orNone,
} from '@zhida/core';
import type { IssueLog } from '../issue-log.js';
import type { Settings } from '../options.js';
import { type Segment, placeOf } from '../wire/segment.js';
import type { MessageHeader } from './header.js';
import type { Patch } from './patient.js';
import { timeAt } from './times.js';

/** What PV1 says of a visit; a `null` deletes. */
export interface VisitFields
  extends Pick<EncounterSnapshot, 'department' | 'visitNumber' | 'location' | 'class' | 'arrival' | 'disposition'> {
  readonly start?: string;
  readonly end?: string;
}

const CHINESE = /\p{Script=Han}/u;
/** HL7 table 0004 and the 患者类型代码 of the national value sets (1 门诊 2 急诊 3 住院). */
const CLASSES = table<EncounterClass>({
  E: 'emergency',
  I: 'inpatient',
  O: 'outpatient',
  R: 'outpatient',
  B: 'inpatient',
  P: 'other',
  C: 'other',
  H: 'checkup',
  '1': 'outpatient',
  '2': 'emergency',
  '3': 'inpatient',
  '9': 'other',
});
const CLASS_WORDS: readonly (readonly [pattern: RegExp, meaning: EncounterClass])[] = [
  [/急/, 'emergency'],
  [/体检/, 'checkup'],
  [/住院|入院/, 'inpatient'],
  [/门诊/, 'outpatient'],
];
/** HL7 table 0004: not applicable, unknown. */
const NO_CLASS = new Set(['N', 'U']);
/** HL7 table 0023. 1 to 3 mean something else in China (急诊, 门诊, 其他机构), so a feed has to say what they mean. */
const ADMIT_SOURCES = table<Arrival>({ '4': 'referral', '5': 'referral', '6': 'referral', '8': 'police', '9': 'unknown' });
const ADMIT_WORDS: readonly (readonly [pattern: RegExp, meaning: Arrival])[] = [
  [/120|救护|ambulance/i, 'ambulance'],
  [/公安|警|police|law/i, 'police'],
  [/转|上级|下级|referr|transfer/i, 'referral'],
  [/自行|步行|家属|self|walk/i, 'self'],
];
/** Two digits: HL7 table 0112 as United States systems send it (NUBC). One digit: 离院方式 of the Chinese front page. */
const DISPOSITIONS = table<Disposition>({
  '01': 'home',
  '02': 'transferred',
  '03': 'transferred',
  '04': 'transferred',
  '05': 'transferred',
  '06': 'home',
  '07': 'against-advice',
  '20': 'died',
  '40': 'died',
  '41': 'died',
  '42': 'died',
  '1': 'home',
  '2': 'transferred',
  '3': 'transferred',
  '4': 'against-advice',
  '5': 'died',
  '9': 'other',
});
const DISPOSITION_WORDS: readonly (readonly [pattern: RegExp, meaning: Disposition])[] = [
  [/死亡|died|expired|deceased/i, 'died'],
  [/非医嘱|自动出院|拒绝|advice/i, 'against-advice'],
  [/未就诊|未诊|离开|left without|eloped/i, 'left-before-treatment'],
  [/转院|转社区|转诊|transfer/i, 'transferred'],
  [/收住|入院|admit/i, 'admitted'],
  [/医嘱离院|治愈|好转|回家|home/i, 'home'],
];

/** The visit as PV1 has it. */
export function readVisit(pv1: Segment, settings: Settings, log: IssueLog): Patch<VisitFields> {
  const fields = compact<VisitFields>({
    department: departmentOf(pv1),
    visitNumber: visitNumberOf(pv1),
    location: locationOf(pv1),
    arrival: arrivalOf(pv1, settings),
    disposition: dispositionOf(pv1, settings, log),
    ...placementOf(pv1, settings, log),
  });
  return { ...fields, ...(pv1.isNull(45) ? { end: null } : {}), ...(pv1.isNull(36) ? { disposition: null } : {}) };
}

/** Class, start and end: all that is read of an adult's visit. */
export function placementOf(pv1: Segment, settings: Settings, log: IssueLog): VisitFields {
  return compact<VisitFields>({
    class: classOf(pv1, settings, log),
    start: timeAt(pv1, 44, settings.zone, log),
    end: timeAt(pv1, 45, settings.zone, log),
  });
}

/** PV1-19, else the alternate one of PV1-50. */
export function visitNumberOf(pv1: Segment): string | undefined {
  return pv1.text(19) ?? pv1.text(50);
}

/** The facility of a feed as it is configured, else as MSH-4 names it; a 统一社会信用代码 in either part of it is its code. */
export function facilityOf(msh: Segment, header: MessageHeader, settings: Settings): Facility | undefined {
  if (settings.facility !== undefined) return settings.facility;
  const universal = msh.text(4, 2);
  const local = header.sendingFacility === '' ? undefined : header.sendingFacility;
  const code = universal !== undefined && checkUscc(universal) ? universal : local;
  const name = local !== undefined && CHINESE.test(local) ? local : undefined;
  return orNone(compact<Facility>({ code: code === name ? universal : code, name }));
}

function classOf(pv1: Segment, { patientClasses }: Settings, log: IssueLog): EncounterClass | undefined {
  if (pv1.text(4)?.toUpperCase() === 'N') return 'birth';
  const code = pv1.text(2);
  if (code === undefined || NO_CLASS.has(code.toUpperCase())) return undefined;
  const words = code + (pv1.text(2, 2) ?? '');
  const known = patientClasses.get(code) ?? CLASSES.get(code.toUpperCase()) ?? meaningOf(words, CLASS_WORDS);
  if (known === undefined) log.add('FIELD_UNKNOWN_CODE', placeOf(pv1, 2));
  return known ?? 'other';
}

function arrivalOf(pv1: Segment, { admitSources }: Settings): Arrival | undefined {
  const code = pv1.text(14);
  if (code === undefined) return undefined;
  return admitSources.get(code) ?? ADMIT_SOURCES.get(code) ?? meaningOf(code + (pv1.text(14, 2) ?? ''), ADMIT_WORDS);
}

function dispositionOf(pv1: Segment, { dispositions }: Settings, log: IssueLog): Disposition | undefined {
  const code = pv1.text(36);
  if (code === undefined) return undefined;
  const known = dispositions.get(code) ?? DISPOSITIONS.get(code) ?? meaningOf(code + (pv1.text(36, 2) ?? ''), DISPOSITION_WORDS);
  if (known === undefined) log.add('FIELD_UNKNOWN_CODE', placeOf(pv1, 36));
  return known ?? 'other';
}

function departmentOf(pv1: Segment): EncounterSnapshot['department'] {
  const [service, name] = [pv1.text(10), pv1.text(10, 2)];
  const unit = pv1.text(3);
  if (service === undefined) return unit !== undefined && CHINESE.test(unit) ? { name: unit } : undefined;
  if (name === undefined && CHINESE.test(service)) return { name: service };
  return compact({ code: service, name });
}

function locationOf(pv1: Segment): string | undefined {
  const parts = [1, 2, 3].map((component) => pv1.part(3, component, 1)).filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(' ');
}

function meaningOf<T>(words: string, patterns: readonly (readonly [pattern: RegExp, meaning: T])[]): T | undefined {
  return patterns.find(([pattern]) => pattern.test(words))?.[1];
}
