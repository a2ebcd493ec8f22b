import { describe, expect, it } from 'vitest';
import { type Overlay, createDetector } from '@zhida/detect';
import { nationalRulePack } from '@zhida/packs';
import { NOW, detector } from './support.js';

function levelOf(text: string, overlay: Overlay): string {
  const local = createDetector({ pack: nationalRulePack, overlay });
  const encounter = { id: 'V1', patient: { sex: 'male', birthDate: '2016-01-01' }, notes: [{ section: 'present-illness', text }] };
  return local.assess(encounter, { now: NOW }).level;
}

describe("a hospital's overlay", () => {
  it('adds words its staff use, and what they find names the pack', () => {
    expect(levelOf('被继父修理得不轻', {})).toBe('none');
    expect(levelOf('被继父修理得不轻', { terms: { 'C-HIT': ['修理得'] } })).toBe('red');
    const local = createDetector({ pack: nationalRulePack, overlay: { terms: { 'C-HIT': ['修理得'] } } });
    expect(local.assess({ id: 'V1' }, { now: NOW }).rulePack).toEqual(detector.assess({ id: 'V1' }, { now: NOW }).rulePack);
  });

  it('has rules of its own: words of every list in one sentence let the rule they add to speak, and nothing else does', () => {
    const camp = {
      id: 'L-CAMP',
      adds: 'R-EX-04',
      words: [
        ['特训营', '网戒学校'],
        ['罚深蹲', '关禁闭'],
      ],
    };
    const overlay = { localRules: [camp] };
    expect(levelOf('在特训营罚深蹲后尿色深2天', {})).toBe('none');
    expect(levelOf('在特训营罚深蹲后尿色深2天', overlay)).toBe('orange');
    for (const text of ['否认在特训营罚深蹲', '特训营归来，咳嗽3天', '特训营结束。体育课罚深蹲', '如果在特训营罚深蹲'])
      expect(levelOf(text, overlay), text).toBe('none');
    expect(levelOf('在特训营吃住三周，每日训练后罚深蹲', { localRules: [{ ...camp, within: 5 }] })).toBe('none');
    const local = createDetector({ pack: nationalRulePack, overlay });
    const adult = { id: 'V1', patient: { birthDate: '2000-01-01' }, notes: [{ section: 'other', text: '在特训营罚深蹲' }] };
    expect(local.assess(adult, { now: NOW }).level).toBe('none');
  });

  it('refuses a local rule without words, of a wrong name, twice, or that adds to what the law fixes', () => {
    const camp = { id: 'L-CAMP', adds: 'R-EX-04', words: [['特训营']] };
    const refused: [string, readonly object[]][] = [
      ['localRules[0].id', [{ ...camp, id: 'R-EX-99' }]],
      ['localRules[0].adds', [{ ...camp, adds: 'R-XX-01' }]],
      ['localRules[0].adds', [{ ...camp, adds: 'R-PG-01' }]],
      ['localRules[0].words', [{ ...camp, words: [] }]],
      ['localRules[0].words', [{ ...camp, words: [['特训营'], []] }]],
      ['localRules[1].words', [camp, { ...camp, id: 'L-B', words: [[' ']] }]],
      ['localRules[0].within', [{ ...camp, within: 0 }]],
      ['localRules', [camp, camp]],
    ];
    for (const [at, localRules] of refused) {
      const make = (): unknown => createDetector({ pack: nationalRulePack, overlay: { localRules } as Overlay });
      expect(make, at).toThrow(expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID', at }));
    }
  });

  it('moves a level by one step, up or down', () => {
    const text = '街头卖唱讨钱';
    expect(levelOf(text, {})).toBe('orange');
    expect(levelOf(text, { levels: { 'R-BG-01': 'raise' } })).toBe('red');
    expect(levelOf(text, { levels: { 'R-BG-01': 'lower' } })).toBe('yellow');
  });

  it('refuses to move a statutory rule, to name what the pack does not have, and to silence a statutory rule without a reason', () => {
    const refused: Overlay[] = [
      { levels: { 'R-PG-01': 'lower' } },
      { levels: { 'R-XX-01': 'raise' } },
      { terms: { 'C-NONE': ['词'] } },
      { terms: { 'C-HIT': [' '] } },
      { silentRules: ['R-PG-01'] },
      { silentRules: ['R-PG-01'], silentReasons: { 'R-PG-01': ' ' } },
    ];
    for (const overlay of refused)
      expect(() => createDetector({ pack: nationalRulePack, overlay })).toThrow(
        expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID' }) as Error,
      );
  });

  it('adds no word to a concept that can only lower a statutory rule, and names it', () => {
    const text = '疑似虐待，建议进一步检查';
    expect(levelOf(text, {})).toBe('red');
    for (const [id, term] of [
      ['C-ASKED', '疑似'],
      ['C-ASK-MARK', '疑似'],
      ['C-METABOLIC', '硬膜下'],
    ] as const) {
      expect(() => levelOf(text, { terms: { [id]: [term] } })).toThrow(
        expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID', at: `terms.${id}` }) as Error,
      );
    }
    expect(levelOf(text, { terms: { 'C-ABUSE': ['修理'], 'C-HCG': ['尿妊试'] } })).toBe('red');
  });

  it('silences a statutory rule with a recorded reason; it is still assessed', () => {
    const overlay: Overlay = { silentRules: ['R-PG-01'], silentReasons: { 'R-PG-01': 'covered by the region’s own system' } };
    const local = createDetector({ pack: nationalRulePack, overlay });
    const girl = { id: 'V1', patient: { sex: 'female', birthDate: '2014-01-01' }, notes: [{ section: 'assessment', text: '宫内早孕' }] };
    const found = local.assess(girl, { now: NOW }).indications.find(({ ruleId }) => ruleId === 'R-PG-01');
    expect(found).toMatchObject({ silent: true, level: 'red' });
  });
});
