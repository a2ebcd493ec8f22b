import { describe, expect, it } from 'vitest';
import type { Assessment } from '@zhida/detect';
import { diagnosisCodes, icd9Code } from '../../src/facts/codes.js';
import { NOW, detector, ruleIds } from '../support.js';

function assess(patient: object, rest: object): Assessment {
  return detector.assess({ id: 'V1', period: { start: '2026-06-15T10:00:00+08:00' }, patient, ...rest }, { now: NOW });
}
const boy = (birthDate: string): object => ({ sex: 'male', birthDate });
const girl = (birthDate: string): object => ({ sex: 'female', birthDate });

describe('codes of diagnoses and procedures', () => {
  it.each([
    ['icd-10-cn', 'T74.100x001', ['T74.100X']],
    ['urn:oid:2.16.840.1.113883.6.90', 'T74.12XA', ['T74.12XA']],
    ['国家临床版2.0', 'T74.100', ['T74.100']],
    ['医保版2.0', 'T741', ['T74.1']],
    ['HIS-DX', 'T74.1', ['T74.1']],
    // A bare number of an unknown system, or a code of traditional medicine, is not taken for one.
    ['HIS-DX', 'T741', []],
    ['HIS-DX', 'A51.02', []],
    ['GB/T 15657-2021', 'T74.1', []],
    ['http://snomed.info/sct', '397940009', []],
    ['ATC', 'S01.1', []],
  ])('of %s: %s', (system, code, expected) => expect(diagnosisCodes(code, system)).toEqual(expected));

  it('of procedures are read with a national extension, and without the dot where the system is named', () => {
    expect(['69.0100x001', '69.01', '69'].map((code) => icd9Code(code))).toEqual(['69.0100x001', '69.01', '69']);
    expect([icd9Code('6901', 'icd-9-cm-3'), icd9Code('6901'), icd9Code('59840', 'CPT')]).toEqual(['69.01', undefined, undefined]);
    const abortion = { procedures: [{ code: '6901', system: 'ICD-9-CM-3', text: '' }] };
    expect(assess(girl('2013-01-01'), abortion)).toMatchObject({ level: 'red', indications: [{ ruleId: 'R-PG-01' }] });
  });

  it('of SNOMED count by their words', () => {
    const coded = { conditions: [{ code: '397940009', system: 'http://snomed.info/sct', text: 'Victim of physical abuse' }] };
    expect(ruleIds(assess(boy('2016-01-01'), coded))).toContain('R-EX-05');
  });

  it('that were ruled out, cancelled or entered in error are none', () => {
    for (const change of [{ certainty: 'ruled-out' }, { status: 'entered-in-error' }])
      expect(assess(boy('2016-01-01'), { conditions: [{ code: 'T74.1', ...change }] }).level).toBe('none');
  });
});

describe('results with their units', () => {
  const alcohol = (value: string | number, unit: string | null): boolean =>
    ruleIds(assess(boy('2014-01-01'), { observations: [{ code: '5643-2', system: 'loinc', name: '乙醇', value, unit }] })).includes(
      'R-PO-03',
    );

  it.each([
    [85, 'mg/dL', true],
    [85, 'mg/100ml', true],
    [0.85, 'g/L', true],
    [0.05, 'g/L', false],
    [18.5, 'mmol/L', true],
    [2, 'mmol/L', false],
    [850, 'mg/L', true],
    [85, 'mg/L', false],
    [0.9, '‰', true],
    ['<10', 'mg/dL', false],
    // Nobody knows what it means, so it means nothing.
    [85, 'U/L', false],
  ])('alcohol %s %s', (value, unit, expected) => expect(alcohol(value, unit)).toBe(expected));

  it('in a note are read in their units as well', () => {
    const noted = (text: string): boolean =>
      ruleIds(assess(boy('2014-01-01'), { notes: [{ section: 'laboratory', text }] })).includes('R-PO-03');
    expect(['血酒精浓度 1.2 g/L', '血乙醇 0.9‰', '血酒精浓度 0.05 g/L'].map(noted)).toEqual([true, true, false]);
  });

  it('hCG of a girl under 14 is a pregnancy from 25 IU/L on, whatever the unit; a comparator below it is none', () => {
    const hcg = (value: string | number, unit: string): string =>
      assess(girl('2013-01-01'), { observations: [{ code: '21198-7', system: 'loinc', name: 'β-HCG', value, unit }] }).level;
    expect([hcg(3000, 'mIU/mL'), hcg(3, 'IU/mL'), hcg('>200000', 'IU/L')]).toEqual(['red', 'red', 'red']);
    expect([hcg(3, 'mIU/mL'), hcg('<1.2', 'IU/L'), hcg(0.002, 'IU/mL')]).toEqual(['none', 'none', 'none']);
  });

  it('of coagulation lower a bruise by one level and say why, where they are far out of range; a mild delay does not', () => {
    const infant = boy('2026-03-01');
    const bruise = { notes: [{ section: 'physical-exam', text: '左耳廓见紫红色瘀斑1.5cm' }] };
    const lowered = (observations: object[]): unknown =>
      assess(infant, { ...bruise, observations }).indications.find(({ ruleId }) => ruleId === 'R-BR-01')?.suppressedBy;
    expect(lowered([{ code: '5902-2', name: 'PT', value: 45, unit: 's' }])).toEqual(['S-BLEEDING-DISORDER']);
    expect(lowered([{ name: 'APTT', value: 98, unit: '秒' }])).toEqual(['S-BLEEDING-DISORDER']);
    expect(lowered([{ code: '6301-6', name: 'INR', value: 4.2 }])).toEqual(['S-BLEEDING-DISORDER']);
    expect(
      lowered([
        { name: 'APTT', value: 42, unit: 's' },
        { code: '5902-2', name: 'PT', value: 14, unit: 's' },
      ]),
    ).toEqual([]);
  });

  it('of sexually transmitted infections, semen and sedatives count from a LOINC code or a local name', () => {
    const found = (patient: object, observation: object): string[] => ruleIds(assess(patient, { observations: [observation] }));
    expect(found(girl('2018-01-01'), { code: '691-6', name: '', value: '阳性' })).toContain('R-SA-04');
    expect(found(girl('2018-01-01'), { name: '淋球菌培养', value: '检出' })).toContain('R-SA-04');
    expect(found(girl('2018-01-01'), { name: '淋球菌培养', value: '阴性' })).toEqual([]);
    expect(found(girl('2018-01-01'), { code: '10599-9', name: '', value: '阳性', specimen: '阴道拭子' })).toContain('R-SA-03');
    const drowsy = {
      notes: [{ section: 'present-illness', text: '被发现昏迷' }],
      observations: [{ code: '3390-2', name: '', value: '阳性' }],
    };
    expect(ruleIds(assess(boy('2014-01-01'), drowsy))).toContain('R-PO-02');
  });
});

describe('what a feed does not carry is not read as absent', () => {
  it('a companion that is left out is no child alone; one recorded as none is', () => {
    const visit = { class: 'outpatient', notes: [{ section: 'chief-complaint', text: '腹痛2小时' }] };
    expect(ruleIds(assess(boy('2017-01-01'), visit))).toEqual([]);
    expect(ruleIds(assess(boy('2017-01-01'), { ...visit, companion: null }))).toContain('R-ID-05');
  });

  it('an injury without a word on how it came about is not one whose cause was denied', () => {
    const injury = { conditions: [{ code: 'S52.5', text: '桡骨远端骨折' }] };
    const said = (feedsPresent: string[]): unknown => assess(boy('2017-01-01'), { ...injury, feedsPresent }).indications;
    expect(said(['conditions'])).toEqual([]);
    expect(said(['notes', 'conditions'])).toEqual(said(['conditions']));
  });
});
