import { NOTE_SECTION_BY_LOINC, type NoteSection } from '@zhida/core';
import { codingsOf, conceptText } from '../concepts.js';
import type { Node } from '../node.js';

/** Words of a heading, the first that fits decides: a "出院诊断" is discharge before it is assessment. */
const BY_TITLE: readonly (readonly [pattern: RegExp, section: NoteSection])[] = [
  [/主诉|chief complaint|reason for visit|presenting/i, 'chief-complaint'],
  [/现病史|present illness|^hpi$/i, 'present-illness'],
  [/家族史|family history/i, 'family-history'],
  [/个人史|社会|social/i, 'social'],
  [/既往史|past (?:medical )?history|medical history/i, 'past-history'],
  [/出院|discharge/i, 'discharge'],
  [/查体|体格检查|专科检查|专科情况|physical|examination/i, 'physical-exam'],
  [/护理|分诊|nurs|triage/i, 'nursing'],
  [/影像|放射|超声|x线|\bct\b|imaging|radiolog|ultraso/i, 'imaging'],
  [/检验|化验|实验室|laborator|lab results/i, 'laboratory'],
  [/手术|操作|procedure|operati/i, 'procedure'],
  [/计划|处理|处置|治疗意见|plan/i, 'plan'],
  [/诊断|评估|印象|assessment|impression|diagnos/i, 'assessment'],
];

/** The section a document or a part of it belongs under, by LOINC code, else by its title. */
export function sectionOf(concept: Node, title: string | undefined): NoteSection {
  for (const { code, system } of codingsOf(concept)) {
    const section = system === 'loinc' ? NOTE_SECTION_BY_LOINC.get(code) : undefined;
    if (section !== undefined) return section;
  }
  return sectionOfTitle(title) ?? sectionOfTitle(conceptText(concept)) ?? 'other';
}

function sectionOfTitle(title: string | undefined): NoteSection | undefined {
  return title === undefined ? undefined : BY_TITLE.find(([pattern]) => pattern.test(title))?.[1];
}
