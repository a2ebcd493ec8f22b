import { FALLBACK_SENTENCE, legalPack } from '@zhida/packs';
import { expect, test } from 'vitest';
import { en } from '../src/locales/en.js';
import { zhCN } from '../src/locales/zh-cn.js';
import { shownSentences } from '../src/view/legal.js';
import { aReason } from './support/prompts.js';

const FALLBACK = { id: FALLBACK_SENTENCE, text: zhCN.fallbackLaw };
const verified = { id: 'opinion-2020:4.2', text: '（二）…', verified: true };
const unverified = { id: 'opinion-2020:16', text: '未核实的一句', verified: false };
const unmarked = { id: 'cn-physician-33', text: '没有标记的一句' };

test('INV-17 an unverified legal sentence never renders: 未成年人保护法 art. 11 stands in its place, once', () => {
  for (const sentences of [[unverified], [unmarked], [unverified, unmarked], []]) {
    expect(shownSentences([aReason({ legalSentences: sentences })], zhCN)).toEqual([FALLBACK]);
  }
  const shown = shownSentences(
    [aReason({ legalSentences: [verified, unverified] }), aReason({ legalSentences: [unmarked, verified] })],
    zhCN,
  );
  expect(shown).toEqual([{ id: verified.id, text: verified.text }, FALLBACK]);
});

test('INV-17 the sentence that stands in is the legal pack’s own, word for word, and verified there', () => {
  const sentence = legalPack.sentences[FALLBACK_SENTENCE];
  expect(sentence?.verified).toBe(true);
  expect(zhCN.fallbackLaw).toBe(sentence?.zh);
  expect(en.fallbackLaw).toBe(sentence?.en);
});

test('INV-17 the promise of secrecy is a legal sentence too: it is said only when the gateway says it is verified', () => {
  expect(zhCN.unitReports).not.toContain('公安');
  expect(zhCN.unitReportsProtected).toBe(`${zhCN.unitReports}，公安机关依法为报案人保密`);
});
