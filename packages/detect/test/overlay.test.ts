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
