import {
  type Arrival,
  type Disposition,
  type EncounterClass,
  type EventKind,
  type FactStatus,
  type NoteSection,
  NOTE_SECTION_BY_LOINC,
  table,
} from '@zhida/core';

/** Object identifiers of WS/T 500 (表 F.2 可维护对象) and of HL7, by what they name. */
export const ROOTS = {
  residentId: '2.16.156.10011.1.3',
  facility: '2.16.156.10011.1.5',
  outpatient: '2.16.156.10011.1.11',
  inpatient: '2.16.156.10011.1.12',
  medicalRecord: '2.16.156.10011.1.13',
  healthCard: '2.16.156.10011.1.19',
  room: '2.16.156.10011.1.21',
  bed: '2.16.156.10011.1.22',
  department: '2.16.156.10011.1.26',
  ward: '2.16.156.10011.1.27',
  dataElement: '2.16.156.10011.2.2.1',
  relationship: '2.16.156.10011.2.3.3.8',
  admissionWay: '2.16.156.10011.2.3.1.270',
} as const;

/** Numbers of papers and specimens: they name no person. */
export const OF_PAPERS: ReadonlySet<string> = new Set([
  '2.16.156.10011.1.8',
  '2.16.156.10011.1.14',
  '2.16.156.10011.1.24',
  '2.16.156.10011.1.33',
]);

/** The snapshot's names of code systems. */
const SYSTEMS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^2\.16\.156\.10011\.2\.3\.3\.11(?:\.|$)/, 'icd-10-cn'],
  [/^2\.16\.156\.10011\.2\.3\.3\.12(?:\.|$)|^2\.16\.840\.1\.113883\.6\.(?:2|103|104)$/, 'icd-9-cm-3'],
  [/^2\.16\.840\.1\.113883\.6\.3(?:\.|$)/, 'icd-10'],
  [/^2\.16\.840\.1\.113883\.6\.90$/, 'icd-10-cm'],
  [/^2\.16\.840\.1\.113883\.6\.1$/, 'loinc'],
  [/^2\.16\.840\.1\.113883\.6\.96$/, 'snomed'],
  [/^2\.16\.840\.1\.113883\.6\.88$/, 'rxnorm'],
];
/** For a hospital's own object identifiers: what the sender calls the system. */
const SYSTEM_WORDS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/ICD-?\s?10/i, 'icd-10-cn'],
  [/ICD-?\s?9/i, 'icd-9-cm-3'],
  [/LOINC/i, 'loinc'],
  [/SNOMED/i, 'snomed'],
];

/** The snapshot's name of a code system; an unknown one keeps its object identifier. */
export function systemName(oid: string | undefined, words: string | undefined): string | undefined {
  const known = SYSTEMS.find(([pattern]) => pattern.test(oid ?? ''));
  return (known ?? SYSTEM_WORDS.find(([pattern]) => pattern.test(words ?? '')))?.[1] ?? oid;
}

/** Headings of WS/T 500 the other formats do not have, and one that means something else there. */
const OWN_SECTIONS = table<NoteSection>({
  '47519-4': 'procedure',
  '10219-4': 'assessment',
  '10218-6': 'assessment',
  '11450-4': 'assessment',
  '29548-5': 'assessment',
  '46241-6': 'assessment',
  '55109-3': 'assessment',
  '11369-6': 'past-history',
  '48765-2': 'past-history',
  '56836-0': 'past-history',
  '49033-4': 'social',
  '10160-0': 'plan',
  '46209-3': 'plan',
  '61149-1': 'physical-exam',
  '61150-9': 'present-illness',
  '10216-0': 'procedure',
  '10223-6': 'procedure',
});

export function sectionOfLoinc(code: string): NoteSection | undefined {
  return OWN_SECTIONS.get(code) ?? NOTE_SECTION_BY_LOINC.get(code);
}

/** Words of a heading, the first that fits decides. */
const SECTION_WORDS: readonly (readonly [pattern: RegExp, section: NoteSection])[] = [
  [/主诉|chief complaint/i, 'chief-complaint'],
  [/现病史|present illness/i, 'present-illness'],
  [/家族史|family history/i, 'family-history'],
  [/个人史|月经史|婚育史|生育史|social/i, 'social'],
  [/既往史|疾病史|过敏史|接种史|past (?:medical )?history/i, 'past-history'],
  [/出院|discharge/i, 'discharge'],
  [/查体|体格检查|专科检查|生命体征|physical|vital signs/i, 'physical-exam'],
  [/护理|分诊|健康评估|nurs|triage/i, 'nursing'],
  [/检查报告|影像|放射|超声|imaging|radiolog/i, 'imaging'],
  [/检验|化验|实验室|laborator/i, 'laboratory'],
  [/手术|操作|麻醉|分娩|procedure|operati/i, 'procedure'],
  [/诊断|评估|会诊|讨论|assessment|diagnos/i, 'assessment'],
  [/计划|处理|处置|医嘱|治疗|用药|plan|medication|orders/i, 'plan'],
];

export function sectionOfWords(words: string | undefined): NoteSection | undefined {
  return words === undefined ? undefined : SECTION_WORDS.find(([pattern]) => pattern.test(words))?.[1];
}

type FeedName = 'notes' | 'conditions' | 'observations' | 'procedures' | 'orders' | 'medications' | 'guardians';

/** What is known of a document by its kind alone. */
export interface DocumentKind {
  /** Where a text stands whose section says nothing. */
  readonly section: NoteSection;
  /** What it can carry, so that what it does not say was not there. */
  readonly feeds: readonly FeedName[];
  readonly event: EventKind;
  readonly class?: EncounterClass;
  readonly disposition?: Disposition;
  /** It repeats the diagnosis it was asked for under, and makes none. */
  readonly isReport?: true;
}

const RECORD = ['notes', 'conditions', 'observations'] as const;
const kind = (section: NoteSection, feeds: readonly FeedName[], event: EventKind, more: Partial<DocumentKind> = {}): DocumentKind => ({
  section,
  feeds,
  event,
  ...more,
});
const nursing = kind('nursing', ['notes', 'observations'], 'diagnosis');
const theatre = kind('procedure', [...RECORD, 'procedures'], 'diagnosis');
const progress = kind('assessment', [...RECORD, 'orders'], 'diagnosis', { class: 'inpatient' });
const consent = kind('procedure', ['notes', 'conditions', 'procedures'], 'diagnosis');
const frontPage = kind('assessment', ['conditions', 'observations', 'procedures', 'guardians'], 'discharge', { class: 'inpatient' });
const outpatient = [...RECORD, 'orders'] as const;

/** The documents of WS/T 500, in groups that say the same. */
const KINDS: readonly (readonly [from: number, to: number, kind: DocumentKind])[] = [
  [1, 1, kind('other', [...RECORD, 'procedures', 'medications'], 'diagnosis')],
  [2, 2, kind('other', outpatient, 'diagnosis', { class: 'outpatient' })],
  [3, 3, kind('other', outpatient, 'diagnosis', { class: 'emergency' })],
  [4, 5, kind('plan', ['conditions', 'medications'], 'order')],
  [6, 6, kind('imaging', [...RECORD, 'procedures'], 'result', { isReport: true })],
  [7, 7, kind('laboratory', RECORD, 'result', { isReport: true })],
  [8, 8, kind('plan', [...RECORD, 'procedures', 'orders', 'medications'], 'diagnosis')],
  [9, 13, theatre],
  [14, 16, theatre],
  [17, 25, nursing],
  [26, 31, consent],
  [32, 33, frontPage],
  [34, 34, kind('other', RECORD, 'diagnosis', { class: 'inpatient' })],
  [35, 35, kind('other', outpatient, 'discharge', { class: 'inpatient' })],
  [36, 36, kind('other', outpatient, 'death', { class: 'inpatient', disposition: 'died' })],
  [37, 41, progress],
  [42, 42, { ...progress, event: 'transfer' }],
  [43, 48, progress],
  [49, 49, kind('discharge', outpatient, 'discharge', { class: 'inpatient' })],
  [50, 51, kind('discharge', RECORD, 'death', { class: 'inpatient', disposition: 'died' })],
  [52, 52, kind('plan', ['orders', 'medications'], 'order', { class: 'inpatient' })],
  [53, 53, kind('discharge', outpatient, 'discharge', { class: 'inpatient' })],
];
/** A CDA document that is none of WS/T 500 carries what is found in it. */
const OTHER_KIND = kind('other', [], 'diagnosis');

/** `C0002` and the like; `undefined` in place of the kind for another code. */
export function kindOf(code: string | undefined): { readonly kind: DocumentKind; readonly isKnown: boolean } {
  const number = Number(/^C00(\d\d)$/.exec(code ?? '')?.[1] ?? Number.NaN);
  const found = KINDS.find(([from, to]) => number >= from && number <= to)?.[2];
  return { kind: found ?? OTHER_KIND, isKnown: found !== undefined };
}

/** 患者类型代码, HL7 ActCode. */
export const CLASSES = table<EncounterClass>({
  '1': 'outpatient',
  '2': 'emergency',
  '3': 'inpatient',
  AMB: 'outpatient',
  EMER: 'emergency',
  IMP: 'inpatient',
  ACUTE: 'inpatient',
  NONAC: 'inpatient',
  OBSENC: 'emergency',
  VR: 'virtual',
});
/** 入院途径: 1 急诊 2 门诊 3 其他医疗机构转入 9 其他. */
export const ADMISSION_WAYS = table<Arrival>({ '3': 'referral' });
/** 离院方式 of the front page. */
export const DISPOSITIONS = table<Disposition>({
  '1': 'home',
  '2': 'transferred',
  '3': 'transferred',
  '4': 'against-advice',
  '5': 'died',
  '9': 'other',
});
/** GB/T 4761, where only a code is sent. */
export const RELATIONSHIPS = table<string>({
  '50': '父母',
  '51': '父亲',
  '52': '母亲',
  '57': '继父或养父',
  '58': '继母或养母',
  '60': '祖父母或外祖父母',
  '61': '祖父',
  '62': '祖母',
  '63': '外祖父',
  '64': '外祖母',
  '70': '兄弟姐妹',
  '71': '兄',
  '73': '弟',
  '75': '姐姐',
  '77': '妹妹',
  '97': '其他亲属',
  '99': '非亲属',
});
/** GB/T 2261.2, where only a code is sent. */
export const MARITAL = table<string>({ '10': '未婚', '20': '已婚', '21': '初婚', '22': '再婚', '23': '复婚', '30': '丧偶', '40': '离婚' });
/** HL7 ActStatus. What is merely active has a result like any other. */
export const STATUSES = table<FactStatus>({
  completed: 'final',
  nullified: 'entered-in-error',
  cancelled: 'entered-in-error',
  aborted: 'entered-in-error',
});
/** Moods of what is to be done, not of what was. */
export const INTENDED: ReadonlySet<string> = new Set(['INT', 'RQO', 'PRMS', 'PRP', 'ARQ', 'APT', 'GOL']);
