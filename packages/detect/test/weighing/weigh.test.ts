import { type RulePack, type Weighing, nationalRulePack } from '@zhida/packs';
import { describe, expect, it } from 'vitest';
import { type Assessment, type Detector, createDetector } from '@zhida/detect';
import { readTerms, writeRed, writeTerms } from '../../src/weighing/written.js';
import { NOW } from '../support.js';

const HEAVY = '甲丁丙戊乙庚己辛';
const LIGHT = '子丑寅卯辰巳午未申酉戌亥梅兰竹菊琴棋书画';
const pairsOf = (text: string): string[] => Array.from(text.slice(1), (character, index) => `${text[index] ?? ''}${character}`);
const written = (text: string, weight: number): Weighing['terms'] =>
  writeTerms(Object.fromEntries(pairsOf(text).map((term) => [term, weight])));

/** The national rules with weights of a test's own: what weighs is made up, so that nothing else does. */
const pack: RulePack = {
  ...nationalRulePack,
  weighing: {
    bias: -100,
    terms: writeTerms(Object.fromEntries([...pairsOf(HEAVY).map((term) => [term, 200]), ...pairsOf(LIGHT).map((term) => [term, -150])])),
    concepts: {},
    categories: {},
    results: {},
  },
};
const detector = createDetector({ pack });

function assess(...texts: string[]): Assessment {
  return assessBy(detector, texts);
}

function assessBy(by: Detector, texts: readonly string[]): Assessment {
  const notes = texts.map((text) => ({ section: 'present-illness', text }));
  return by.assess({ id: 'V1', period: { start: '2026-06-15T10:00:00+08:00' }, patient: { birthDate: '2016-01-01' }, notes }, { now: NOW });
}

function ofWeight({ indications }: Assessment): unknown[] {
  return indications.map(({ ruleId, level, suppressedBy, evidence }) => [ruleId, level, suppressedBy, evidence.map(({ text }) => text)]);
}

describe('a record by the weight of its words', () => {
  it('is an orange where a statement weighs enough, and shows the words that make it so', () => {
    expect(ofWeight(assess(`患儿${HEAVY}。`))).toEqual([['R-WS-02', 'orange', [], [HEAVY]]]);
    expect(ofWeight(assess(LIGHT))).toEqual([]);
    expect(ofWeight(assess(`否认${HEAVY}`))).toEqual([]);
  });

  it('is not weighed by terms of which one has no weight', () => {
    const { terms } = pack.weighing;
    const short = { ...pack, weighing: { ...pack.weighing, terms: { ...terms, low: terms.low.slice(1) } } };
    expect(() => createDetector({ pack: short })).toThrow(expect.objectContaining({ code: 'ZD_ERR_PACK_INVALID' }));
  });

  it('INV-13 keeps the indication whatever is added, silenced where the whole record does not weigh enough', () => {
    const alone = ofWeight(assess(HEAVY));
    expect(alone).toEqual([['R-WS-02', 'orange', [], [HEAVY]]]);
    for (const added of [assess(HEAVY, LIGHT), assess(LIGHT, HEAVY), assess(`${LIGHT}。${HEAVY}`)])
      expect(ofWeight(added)).toEqual([['R-WS-02', 'none', ['S-NOT-AS-A-WHOLE'], [HEAVY]]]);
  });

  it('weighs what the record only denies as such, and not where another clause says it', () => {
    const weighsDenied = createDetector({
      pack: { ...pack, weighing: { ...pack.weighing, terms: written(HEAVY, 200), denied: written(LIGHT, -150) } },
    });
    const silenced = (...texts: string[]): unknown => assessBy(weighsDenied, texts).indications.map(({ suppressedBy }) => suppressedBy);
    expect(silenced(HEAVY)).toEqual([[]]);
    for (const texts of [[HEAVY, `否认${LIGHT}`], [`否认${LIGHT}`, HEAVY], [`${HEAVY}。否认${LIGHT}`]])
      expect(silenced(...texts)).toEqual([['S-NOT-AS-A-WHOLE']]);
    expect(silenced(HEAVY, `否认${LIGHT}`, LIGHT)).toEqual([[]]);
  });

  it('lowers what a rule read in a text where the whole record reads ordinary, never a red fixed by law', () => {
    const beaten = assess('被继父用皮带抽打背部', LIGHT);
    const rule = beaten.indications.find(({ ruleId }) => ruleId === 'R-EX-04');
    expect([rule?.level, rule?.loweredFrom, rule?.suppressedBy]).toEqual(['orange', 'red', ['S-READS-ORDINARY']]);
    const coded = detector.assess(
      {
        id: 'V1',
        period: { start: '2026-06-15T10:00:00+08:00' },
        patient: { birthDate: '2016-01-01' },
        notes: [{ section: 'present-illness', text: LIGHT }],
        conditions: [{ code: 'T74.100', system: 'icd-10-cn' }],
      },
      { now: NOW },
    );
    expect([coded.level, coded.indications[0]?.suppressedBy]).toEqual(['red', []]);
  });

  it('leaves a red orange where the statement it stands in weighs for an ordinary visit', () => {
    const inOrdinary = assess(`${LIGHT}，被继父用皮带抽打背部`).indications.find(({ ruleId }) => ruleId === 'R-EX-04');
    expect(inOrdinary?.loweredFrom ?? inOrdinary?.level).toBe('orange');
  });
});

describe('a record by what its words weigh for red', () => {
  const GRAVE = '天地玄黄宇宙洪荒';
  const terms = writeTerms(
    Object.fromEntries([
      ...pairsOf(HEAVY).map((term) => [term, 200]),
      ...pairsOf(GRAVE).map((term) => [term, 50]),
      ...pairsOf(LIGHT).map((term) => [term, -150]),
    ]),
  );
  const digits = writeRed(
    readTerms(terms),
    new Map([...pairsOf(HEAVY).map((term) => [term, 40] as const), ...pairsOf(GRAVE).map((term) => [term, 30] as const)]),
  );
  /** The seven pairs of the first weigh 280, those of both 490. */
  const weighing: Weighing = { ...pack.weighing, terms, red: { terms: digits, concepts: {} } };
  const redFrom = (weighsRed: number): Detector => {
    const rules = pack.rules.map((rule) =>
      rule.id === 'R-WS-02' ? { ...rule, levels: [{ level: 'red' as const, when: { weighsRed } }, { level: 'orange' as const }] } : rule,
    );
    return createDetector({ pack: { ...pack, rules, weighing } });
  };
  const heavyAlone = redFrom(280);
  const both = redFrom(281);

  it('is red where what it says adds up to so much, wherever that stands, and shows the gravest words', () => {
    expect(ofWeight(assessBy(heavyAlone, [HEAVY]))).toEqual([['R-WS-02', 'red', [], [HEAVY]]]);
    expect(ofWeight(assessBy(both, [HEAVY]))).toEqual([['R-WS-02', 'orange', [], [HEAVY]]]);
    expect(ofWeight(assessBy(both, [HEAVY, GRAVE]))).toEqual([['R-WS-02', 'red', [], [HEAVY, GRAVE.slice(0, 2)]]]);
    expect(ofWeight(assessBy(both, [HEAVY, `否认${GRAVE}`]))).toEqual([['R-WS-02', 'orange', [], [HEAVY]]]);
    expect(ofWeight(assessBy(both, [GRAVE]))).toEqual([['R-WS-02', 'orange', [], [GRAVE]]]);
  });

  it('leaves out what a statement says that weighs for an ordinary visit, however long the chart', () => {
    expect(assessBy(both, [HEAVY, `${GRAVE}${LIGHT}`]).indications.map(({ loweredFrom, level }) => loweredFrom ?? level)).toEqual([
      'orange',
    ]);
    expect(assessBy(both, [HEAVY, `${GRAVE}。${LIGHT}`]).indications.map(({ loweredFrom, level }) => loweredFrom ?? level)).toEqual([
      'red',
    ]);
  });

  it('counts each thing once', () => {
    expect(assessBy(both, [HEAVY, HEAVY]).level).toBe('orange');
  });

  it('INV-13 is lowered by one level where the whole record does not weigh enough for harm, and not silenced', () => {
    const lowered = assessBy(heavyAlone, [HEAVY, LIGHT]).indications.map(({ level, loweredFrom, suppressedBy }) => [
      level,
      loweredFrom,
      suppressedBy,
    ]);
    expect(lowered).toEqual([['orange', 'red', ['S-NOT-AS-A-WHOLE']]]);
  });

  it('says what an orange rule does not, and has nothing to add to a red one', () => {
    const beside = (text: string): unknown[] =>
      assessBy(heavyAlone, [HEAVY, text]).indications.map(({ ruleId, level, suppressedBy }) => [ruleId, level, suppressedBy]);
    expect(beside('8岁女孩，双足烫伤，上缘齐整如袜套')).toEqual([
      ['R-WS-02', 'red', []],
      ['R-BN-01', 'orange', []],
    ]);
    expect(beside('被继父用皮带抽打背部')).toContainEqual(['R-WS-02', 'orange', ['S-SAID-ALREADY']]);
  });

  it('keeps a red red whose own statement weighs too little, where the rest of the record weighs for red', () => {
    const deed = `${LIGHT}，被继父用皮带抽打背部`;
    const levelOf = (texts: readonly string[]): unknown => {
      const found = assessBy(createDetector({ pack: { ...pack, weighing } }), texts).indications.find(({ ruleId }) => ruleId === 'R-EX-04');
      return found?.loweredFrom ?? found?.level;
    };
    expect(levelOf([deed])).toBe('orange');
    expect(levelOf([deed, HEAVY])).toBe('red');
  });

  it('is refused with a pack that has not a digit for each term', () => {
    const short = { ...pack, weighing: { ...weighing, red: { terms: digits.slice(1), concepts: {} } } };
    expect(() => createDetector({ pack: short })).toThrow(expect.objectContaining({ code: 'ZD_ERR_PACK_INVALID' }));
  });
});
