import { type RulePack, type Weighing, nationalRulePack } from '@zhida/packs';
import { describe, expect, it } from 'vitest';
import { type Assessment, type Detector, createDetector } from '@zhida/detect';
import { writeTerms } from '../../src/weighing/written.js';
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
