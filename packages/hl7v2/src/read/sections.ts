import { NOTE_SECTION_BY_LOINC, type NoteSection, table } from '@zhida/core';
import type { Settings } from '../options.js';
import type { Coded } from './coded.js';

/** LOINC codes of the headings; `8661-1` (reported complaint) comes as the code of an OBX. */
const BY_LOINC: ReadonlyMap<string, NoteSection> = new Map([...NOTE_SECTION_BY_LOINC, ['8661-1', 'chief-complaint']]);
/** HL7 tables 0270 (kinds of document) and 0074 (diagnostic services). */
const BY_KIND = table<NoteSection>({
  HP: 'present-illness',
  DS: 'discharge',
  OP: 'procedure',
  PR: 'procedure',
  CN: 'assessment',
  DI: 'imaging',
  LP: 'laboratory',
  SP: 'laboratory',
  TS: 'discharge',
  NU: 'nursing',
});
const BY_SERVICE = table<NoteSection>({
  RAD: 'imaging',
  RX: 'imaging',
  CT: 'imaging',
  CTH: 'imaging',
  CUS: 'imaging',
  RUS: 'imaging',
  VUS: 'imaging',
  OUS: 'imaging',
  NMR: 'imaging',
  NMS: 'imaging',
  XRC: 'imaging',
  NRS: 'nursing',
  PHY: 'assessment',
  LAB: 'laboratory',
  CH: 'laboratory',
  HM: 'laboratory',
  MB: 'laboratory',
  SR: 'laboratory',
  SP: 'laboratory',
  TX: 'laboratory',
  UR: 'laboratory',
  VR: 'laboratory',
});
/** Headings of a chart, as the name of one value. A whole name, because names of tests hold the same words ("discharge, vaginal"). */
const HEADINGS: readonly (readonly [pattern: RegExp, section: NoteSection])[] = [
  [/^(?:患者|入院)?主诉$|^chief complaints?$|^reason for (?:visit|referral)$|^presenting complaint$/i, 'chief-complaint'],
  [/^现病史$|^病史$|^(?:history of )?present(?:ing)? illness$|^hpi$/i, 'present-illness'],
  [/^既往史$|^past (?:medical )?history$|^medical history$|^pmh$/i, 'past-history'],
  [/^家族史$|^family history$/i, 'family-history'],
  [/^个人史$|^社会史$|^月经史$|^婚育史$|^social history$/i, 'social'],
  [/^体格检查$|^查体$|^专科(?:检查|情况)$|^physical exam(?:ination)?$/i, 'physical-exam'],
  [/^护理(?:记录|评估)$|^(?:预检)?分诊(?:记录)?$|^nursing (?:note|assessment)$|^triage(?: note)?$/i, 'nursing'],
  [/^(?:检查|影像|超声|放射)(?:所见|描述|结论|诊断|提示|印象)$|^(?:imaging )?findings$|^impression$/i, 'imaging'],
  [/^(?:初步|门诊|入院)?诊断$|^评估$|^assessment$|^diagnosis$/i, 'assessment'],
  [/^(?:处理|处置|治疗|诊疗)(?:意见|计划|经过)?$|^plan$|^treatment plan$/i, 'plan'],
  [/^出院(?:小结|记录|诊断|医嘱|情况)$|^discharge (?:summary|diagnosis|instructions)$/i, 'discharge'],
  [/^(?:手术|操作)(?:记录|经过)$|^operative note$|^procedure note$/i, 'procedure'],
];
/** Words in the title of a document, the first that fits decides: a "出院诊断" is discharge before it is assessment. */
const TITLES: readonly (readonly [pattern: RegExp, section: NoteSection])[] = [
  [/主诉|chief complaint|reason for visit/i, 'chief-complaint'],
  [/家族史|family history/i, 'family-history'],
  [/出院|discharge/i, 'discharge'],
  [/护理|分诊|nurs|triage/i, 'nursing'],
  [/影像|放射|超声|x线|\bct\b|imaging|radiolog|ultraso/i, 'imaging'],
  [/检验|化验|实验室|病理|laborator|patholog/i, 'laboratory'],
  [/手术|操作|procedure|operati/i, 'procedure'],
  [/查体|体格检查|专科检查|physical exam/i, 'physical-exam'],
  [/现病史|病程|入院记录|门诊病历|急诊病历|首页|present illness|history and physical|progress note/i, 'present-illness'],
  [/个人史|社会|social/i, 'social'],
  [/既往史|past (?:medical )?history/i, 'past-history'],
  [/会诊|诊断|评估|印象|assessment|impression|consult|diagnos/i, 'assessment'],
  [/计划|处理|处置|治疗意见|plan/i, 'plan'],
];
const STUDY = /影像|放射|超声|彩超|b超|x线|x光|平片|磁共振|\b(?:ct|mr|mri|dr)\b|平扫|imaging|radiolog|ultraso|x-?ray/i;
const TEST = /核酸|抗体|抗原|培养|定量|定性|测定|检测|\b(?:dna|rna|pcr)\b/i;

/** The heading a single value stands under, by the value's own code or name. */
export function sectionOfValue({ code, system, text }: Coded, { sections }: Settings): NoteSection | undefined {
  const name = text ?? code;
  return (
    sections.get(code ?? '') ??
    (system === undefined || system === 'loinc' ? BY_LOINC.get(code ?? '') : undefined) ??
    (name === undefined ? undefined : firstFit(name.trim(), HEADINGS))
  );
}

/** The heading of what a service reports, by OBR-24, else by what was ordered: a scan is imaging, a test is not. */
export function sectionOfService(
  service: string | undefined,
  { code, system, text }: Coded,
  { sections }: Settings,
): NoteSection | undefined {
  const known = sections.get(service ?? '') ?? sections.get(code ?? '') ?? BY_SERVICE.get((service ?? '').toUpperCase());
  if (known !== undefined) return known;
  const byCode = system === 'loinc' ? BY_LOINC.get(code ?? '') : undefined;
  const title = text ?? '';
  return byCode ?? (STUDY.test(title) && !TEST.test(title) ? 'imaging' : undefined);
}

/** The heading of a document, by its kind (TXA-2) and title. */
export function sectionOfDocument({ code, system, text }: Coded, title: string | undefined, { sections }: Settings): NoteSection {
  const known = sections.get(code ?? '') ?? (system === 'loinc' ? BY_LOINC.get(code ?? '') : undefined);
  const words = [text, title, code].filter((word) => word !== undefined);
  const byWords = words.map((word) => firstFit(word, TITLES)).find((section) => section !== undefined);
  return known ?? byWords ?? BY_LOINC.get(code ?? '') ?? BY_KIND.get((code ?? '').toUpperCase()) ?? 'other';
}

function firstFit(words: string, patterns: readonly (readonly [pattern: RegExp, section: NoteSection])[]): NoteSection | undefined {
  return patterns.find(([pattern]) => pattern.test(words))?.[1];
}
