import type { EncounterSnapshot } from '@zhida/core';

/** Invented visits of the invented county 云溪县. Each takes overrides, so that a test shows what it is about. */
type Overrides = Partial<EncounterSnapshot>;

const START = '2026-11-22T19:00:00+08:00';

function visit(overrides: Overrides): EncounterSnapshot {
  return {
    schemaVersion: '1',
    id: 'V0001',
    class: 'emergency',
    department: { name: '急诊科' },
    visitNumber: 'MZ261100003321',
    location: '急诊2诊室',
    event: { kind: 'result', staffId: 'D1001', role: 'doctor' },
    period: { start: START },
    ...overrides,
  };
}

/** A child with a cold: nothing to say. */
export function ordinaryVisit(overrides: Overrides = {}): EncounterSnapshot {
  return visit({
    id: 'V0100',
    patient: { id: 'P0100', name: '周小禾', sex: 'male', birthDate: '2020-09-14' },
    notes: [{ section: 'chief-complaint', text: '发热伴咳嗽2天', author: 'doctor' }],
    conditions: [{ code: 'J06.900', system: 'icd-10-cn', text: '急性上呼吸道感染', status: 'final' }],
    ...overrides,
  });
}

/** A girl of 13 with a positive pregnancy test: red fixed by law, R-PG-01. */
export function pregnantGirl(overrides: Overrides = {}): EncounterSnapshot {
  return visit({
    id: 'V0013',
    patient: { id: 'P0013', name: '张晓婷', sex: 'female', birthDate: '2013-03-18', identityVerified: true },
    companion: { relationship: '自称哥哥', name: '李某某' },
    notes: [{ section: 'chief-complaint', text: '下腹痛、恶心1周', author: 'doctor' }],
    observations: [hcg('12500')],
    ...overrides,
  });
}

/** A positive quantitative HCG, or a corrected negative one. */
export function hcg(value: string, status: 'final' | 'corrected' = 'final') {
  return {
    code: '21198-7',
    system: 'loinc',
    name: '血HCG',
    value,
    unit: 'IU/L',
    performer: '检验科',
    status,
    at: '2026-11-22T19:04:00+08:00',
  } as const;
}

/** An infant with bruises behind the ear: orange, R-BR-01 and R-BR-02. */
export function bruisedInfant(overrides: Overrides = {}): EncounterSnapshot {
  return visit({
    id: 'V0018',
    patient: { id: 'P0018', name: '孔小宝', sex: 'male', birthDate: '2026-08-10' },
    companion: { relationship: '奶奶' },
    notes: [
      { section: 'chief-complaint', text: '发现耳后青紫半天', author: 'doctor' },
      { section: 'physical-exam', text: '左耳廓及耳后可见瘀斑约1.5cm，右面颊瘀青，余未见异常。', author: 'doctor' },
    ],
    ...overrides,
  });
}

/** The same infant with a coded maltreatment: red fixed by law, R-EX-01 beside R-BR-01. */
export function maltreatedInfant(overrides: Overrides = {}): EncounterSnapshot {
  return bruisedInfant({ conditions: [{ code: 'T74.100', system: 'icd-10-cn', text: '躯体虐待', status: 'final' }], ...overrides });
}
