import { html } from 'lit/html.js';
import { expect, test } from 'vitest';
import { moreEn } from '../src/locales/more-en.js';
import { moreZhCN } from '../src/locales/more-zh-cn.js';
import { MANUAL } from '../src/machine/state.js';
import type { Kit } from '../src/more/kit.js';
import { headView } from '../src/more/refusals.js';
import type { WindowContext } from '../src/view/context.js';

const CASES = { prm_real: 'production', prm_exercise: 'exercise' } as const;

/** What stands above the page of one case, as text. */
function above(shown: string, words: Parameters<typeof headView>[1] = moreZhCN): string {
  const prompts = Object.entries(CASES).map(([id, mode]) => ({ id, mode }));
  const state = { shown, manual: { pressCase: { mode: 'exercise' } }, prompts, refused: 0 };
  return JSON.stringify(headView({ html } as Kit, words, { machine: { state }, refused: 0 } as unknown as WindowContext));
}

test('INV-16 above the page of an exercise stands 【演练】, in both languages; above a real child’s, beside it in the same list, nothing', () => {
  expect(above('prm_exercise')).toContain('【演练】');
  expect(above(MANUAL)).toContain('【演练】');
  expect(above('prm_exercise', moreEn)).toContain('[Exercise]');
  expect(above('prm_real')).not.toContain('演练');
});
