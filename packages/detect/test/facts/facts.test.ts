import { describe, expect, it } from 'vitest';
import { createDetector } from '@zhida/detect';
import { nationalRulePack } from '@zhida/packs';
import { compileCodeSet, icd10Codes, icd9Code } from '../../src/facts/codes.js';
import { indicationKey } from '../../src/key.js';
import { NOW, detector } from '../support.js';

const visit = (patient: object, rest: object = {}): unknown => ({
  id: 'V1',
  period: { start: '2026-06-15T00:30:00+08:00' },
  patient,
  ...rest,
});
const abused = { conditions: [{ code: 'T74.1' }] };

describe('the age of the patient', () => {
  it('is counted from the day after the birthday, in the zone of the law', () => {
    const onBirthday = detector.assess(visit({ birthDate: '2008-06-15' }, abused), { now: NOW });
    expect(onBirthday).toMatchObject({ minor: 'yes', age: { years: 17, months: 215, basis: 'birth-date' }, level: 'red' });
    expect(detector.assess(visit({ birthDate: '2008-06-14' }, abused), { now: NOW })).toMatchObject({ minor: 'no', level: 'none' });
    // 17:00 of 14 June in London is 15 June, 00:00, in China.
    const abroad = { id: 'V1', period: { start: '2026-06-14T17:00:00+01:00' }, patient: { birthDate: '2008-06-14' }, ...abused };
    expect(detector.assess(abroad, { now: NOW }).minor).toBe('no');
  });

  it.each(['1900-01-01', '0001-01-01'])('is not read from %s, which systems write where they know none', (birthDate) => {
    const unknown = detector.assess(visit({ birthDate }), { now: NOW });
    expect(unknown).toMatchObject({ minor: 'unknown', age: null });
    expect(unknown.issues).toContainEqual({ code: 'BIRTH_DATE_UNKNOWN', severity: 'warning', at: 'patient.birthDate' });
    expect(detector.assess(visit({ birthDate, statedAge: '7岁' }), { now: NOW })).toMatchObject({ minor: 'yes', age: { basis: 'stated' } });
    expect(detector.assess(visit({ birthDate: '1910-01-01' }), { now: NOW }).minor).toBe('no');
  });

  it.each([
    ['出生数小时', 0],
    ['刚出生', 0],
    ['hours old', 0],
    ['newborn', 0],
    ['appears 10-11', 10],
    ['appears 16 to 19', 16],
    ['新生儿', 0],
    ['约几天', 0],
    ['few days old', 0],
    ['newborn baby boy', 0],
    ['新生男婴', 0],
    ['新生，约1天', 0],
  ])('is read from %s, as whoever is found without papers is described', (statedAge, years) => {
    expect(detector.assess(visit({ statedAge }), { now: NOW })).toMatchObject({ minor: 'yes', age: { years, basis: 'stated' } });
  });

  it.each(['大一新生', '高一新生', '刚生完孩子', '昏迷数小时', '走失大约3天', 'unknown, missing 3 days', 'few days in hospital, adult'])(
    'is not read from %s, which says another thing in the words for a newborn child',
    (statedAge) => {
      expect(detector.assess(visit({ statedAge }), { now: NOW })).toMatchObject({ minor: 'unknown', age: null });
    },
  );

  it('is read from the resident id where no birth date came, and the younger one stands when the two disagree', () => {
    const identifiers = [{ system: 'cn-resident-id', value: '11010519491231002X' }];
    expect(detector.assess(visit({ identifiers }), { now: NOW })).toMatchObject({ minor: 'no', age: { basis: 'resident-id' } });
    const borrowed = detector.assess(visit({ birthDate: '2012-01-01', identifiers }), { now: NOW });
    expect(borrowed).toMatchObject({ minor: 'yes', age: { years: 14, basis: 'birth-date' } });
    expect(borrowed.issues).toContainEqual({ code: 'BIRTH_DATE_CONFLICT', severity: 'warning', at: 'patient.birthDate' });
  });

  it('is taken from stated words, a year less being possible, and from the head of a note', () => {
    expect(detector.assess(visit({ statedAge: '13岁' }), { now: NOW })).toMatchObject({
      minor: 'yes',
      age: { years: 13, months: null, basis: 'stated' },
    });
    expect(detector.assess(visit({ statedAge: '18岁' }), { now: NOW }).minor).toBe('unknown');
    expect(detector.assess(visit({ statedAge: '19岁' }), { now: NOW }).minor).toBe('no');
    const inNote = detector.assess(visit({}, { notes: [{ section: 'other', text: '男，3岁5月，幼儿园小班。' }] }), { now: NOW });
    expect(inNote).toMatchObject({ minor: 'yes', age: { years: 3, months: 41, basis: 'text' } });
    expect(inNote.issues).toContainEqual({ code: 'BIRTH_DATE_UNKNOWN', severity: 'warning', at: 'patient.birthDate' });
  });

  it('when nothing is known, only a visit that is a child’s by its words or department is looked at', () => {
    expect(detector.assess(visit({}, abused), { now: NOW })).toMatchObject({ minor: 'unknown', age: null, level: 'none' });
    expect(detector.assess(visit({}, abused), { now: NOW }).issues.map(({ code }) => code)).toEqual([
      'BIRTH_DATE_UNKNOWN',
      'RULE_UNDECIDED',
    ]);
    const paediatric = detector.assess(visit({}, { ...abused, department: { name: '儿科急诊' } }), { now: NOW });
    expect(paediatric).toMatchObject({ level: 'orange', indications: [{ ruleId: 'R-EX-01', asks: ['BIRTH_DATE_UNKNOWN'] }] });
    expect(detector.assess(visit({}, { ...abused, notes: [{ text: '患儿哭闹' }] }), { now: NOW }).level).toBe('orange');
  });

  it('uses the caller’s now when the encounter does not say when it began', () => {
    const assessment = detector.assess({ id: 'V1', patient: { birthDate: '2012-06-15' } }, { now: NOW });
    expect(assessment.age?.years).toBe(13);
    expect(assessment.issues).toContainEqual({ code: 'PERIOD_START_MISSING', severity: 'warning', at: 'period.start' });
  });
});

describe('codes in a field', () => {
  it.each([
    ['T74.100x001', ['T74.100X']],
    ['ｔ７４．１', ['T74.1']],
    ['t741', ['T74.1']],
    ['S06.5+T74.1*', ['S06.5', 'T74.1']],
    ['Z3A.12', ['Z3A.12']],
    ['Z33.x00', ['Z33.X00']],
    ['386661006', []],
    ['', []],
    ['头痛', []],
  ])('%s', (field, codes) => expect(icd10Codes(field)).toEqual(codes));

  it('match by prefix and by ranges of categories', () => {
    const matches = compileCodeSet({ system: 'icd-10', include: ['O00-O99', 'Z64.0'], exclude: ['O60'] });
    expect(['O00.1', 'O99.900X', 'Z64.0', 'Z64.1', 'O60.1', 'P00.0', 'N99.9'].map(matches)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect([icd9Code('69.0100'), icd9Code('69'), icd9Code('O80')]).toEqual(['69.0100', '69', undefined]);
  });
});

describe('the key of an indication', () => {
  it('is the same for the same facility, patient and rule, at every visit and in every version', () => {
    expect(indicationKey('F', 'P1', 'R-PG-01')).toBe('3d8e915d1d10c3a11e9cda406309092d');
  });

  it('differs in each part, also where the parts only move their border', () => {
    const keys = [
      indicationKey('F', 'P1', 'R-PG-01'),
      indicationKey('F', 'P1', 'R-PG-02'),
      indicationKey('F', 'P2', 'R-PG-01'),
      indicationKey('G', 'P1', 'R-PG-01'),
      indicationKey('FP', '1', 'R-PG-01'),
    ];
    expect(new Set(keys).size).toBe(5);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('the overlay of a hospital', () => {
  it('keeps a rule from prompting but not from being counted', () => {
    const quiet = createDetector({ pack: nationalRulePack, overlay: { silentRules: ['R-BR-01'] } });
    const assessment = quiet.assess(visit({ birthDate: '2024-01-01' }, { notes: [{ section: 'nursing', text: '背部多处瘀斑' }] }), {
      now: NOW,
    });
    expect(assessment).toMatchObject({
      level: 'none',
      situations: [],
      indications: [{ ruleId: 'R-BR-01', level: 'orange', silent: true }],
    });
  });

  it('may not silence what the law fixes, nor a rule that is not there', () => {
    for (const id of ['R-PG-01', 'R-XX-99']) {
      expect(() => createDetector({ pack: nationalRulePack, overlay: { silentRules: [id] } })).toThrow(
        expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID' }),
      );
    }
  });
});

describe('a pack with a loose end', () => {
  const rule = nationalRulePack.rules[0];
  it.each([
    ['an unknown concept', { when: { mention: 'C-NONE' } }],
    ['an unknown code set', { when: { code: 'none' } }],
    ['a not outside a context', { when: { not: { mention: 'C-ABUSE' } } }],
    ['no last level', { levels: [{ level: 'red', when: { mention: 'C-ABUSE' } }] }],
    ['an unknown suppressor', { suppressors: ['S-NONE'] }],
  ])('is refused: %s', (_why, change) => {
    const pack = { ...nationalRulePack, rules: [{ ...rule, ...change }] } as typeof nationalRulePack;
    expect(() => createDetector({ pack })).toThrow(expect.objectContaining({ code: 'ZD_ERR_PACK_INVALID' }));
  });
});
