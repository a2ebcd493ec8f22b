import { randomUUID } from 'node:crypto';

/** Invented visits of the invented county 云溪县, each of a child of its own. */
export interface InventedVisit {
  readonly id: string;
  readonly patient: { readonly id: string; readonly name: string };
}

export function pregnantGirl(overrides: object = {}): InventedVisit {
  return visitOf('张晓婷', 'female', '2013-03-18', {
    companion: { relationship: '自称哥哥', name: '李某某' },
    notes: [{ section: 'chief-complaint', text: '下腹痛、恶心1周', author: 'doctor' }],
    observations: [hcg('12500')],
    ...overrides,
  });
}

/** Orange: an infant with bruises behind the ear. */
export function bruisedInfant(overrides: object = {}): InventedVisit {
  return visitOf('孔小宝', 'male', daysAgo(100), {
    companion: { relationship: '奶奶' },
    notes: [{ section: 'physical-exam', text: '左耳廓及耳后可见瘀斑约1.5cm，右面颊瘀青，余未见异常。', author: 'doctor' }],
    ...overrides,
  });
}

export function hcg(value: string, status: 'final' | 'corrected' = 'final') {
  return { code: '21198-7', system: 'loinc', name: '血HCG', value, unit: 'IU/L', performer: '检验科', status, at: isoMinutesAgo(5) };
}

function visitOf(name: string, sex: string, birthDate: string, more: object): InventedVisit {
  const serial = randomUUID().slice(0, 8);
  return {
    schemaVersion: '1',
    id: `V-${serial}`,
    class: 'emergency',
    department: { name: '急诊科' },
    visitNumber: `MZ26110000${serial.slice(0, 4)}`,
    location: '急诊2诊室',
    event: { kind: 'result', staffId: 'D1001', role: 'doctor' },
    period: { start: isoMinutesAgo(30) },
    patient: { id: `P-${serial}`, name, sex, birthDate, identityVerified: true },
    ...more,
  } as InventedVisit;
}

function isoMinutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}
