import type { EncounterSnapshot, NoteSection } from '@zhida/core';
import type { Evidence } from '@zhida/detect';

export interface EvidenceLine {
  readonly label: string;
  readonly value: string;
  readonly source: string;
  readonly at: string;
}

const SECTION_LABELS: Record<NoteSection, string> = {
  'chief-complaint': '主诉',
  'present-illness': '现病史',
  'past-history': '既往史',
  'family-history': '家族史',
  'physical-exam': '查体',
  nursing: '护理记录',
  imaging: '影像',
  laboratory: '检验',
  procedure: '操作记录',
  assessment: '诊断意见',
  plan: '处置',
  social: '社会史',
  discharge: '出院记录',
  other: '病历',
};

const PATH = /^(\w+)(?:\[(\d+)\])?/;

/** One line of `提示依据`: what was found, in the words of the chart, with its source and time. */
export function describeEvidence(snapshot: EncounterSnapshot, evidence: Evidence): EvidenceLine {
  const [, list = '', position = ''] = PATH.exec(evidence.at) ?? [];
  const index = Number(position);
  switch (list) {
    case 'notes': {
      const note = snapshot.notes?.[index];
      return {
        label: SECTION_LABELS[note?.section ?? 'other'],
        value: evidence.text ?? '',
        source: note?.author ?? '',
        at: note?.at ?? '',
      };
    }
    case 'observations': {
      const observation = snapshot.observations?.[index];
      const value = [observation?.value, observation?.unit].filter((part) => part !== null && part !== undefined && part !== '').join(' ');
      return {
        label: observation?.name ?? observation?.code ?? '检验',
        value,
        source: observation?.performer ?? '',
        at: observation?.at ?? '',
      };
    }
    case 'conditions': {
      const condition = snapshot.conditions?.[index];
      return { label: '诊断', value: [condition?.text, condition?.code].filter(Boolean).join(' '), source: '', at: '' };
    }
    case 'procedures': {
      const procedure = snapshot.procedures?.[index];
      return {
        label: '手术操作',
        value: [procedure?.text, procedure?.code].filter(Boolean).join(' '),
        source: '',
        at: procedure?.at ?? '',
      };
    }
    case 'orders':
      return { label: '医嘱', value: snapshot.orders?.[index]?.text ?? '', source: '', at: snapshot.orders?.[index]?.at ?? '' };
    case 'medications':
      return { label: '用药', value: snapshot.medications?.[index]?.text ?? '', source: '', at: '' };
    case 'patient':
      return { label: '出生', value: snapshot.patient?.birthDate ?? snapshot.patient?.statedAge ?? '', source: '', at: '' };
    default:
      return { label: '病历', value: evidence.text ?? '', source: '', at: '' };
  }
}
