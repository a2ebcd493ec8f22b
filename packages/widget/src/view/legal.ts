import type { Texts } from '../locales/texts.js';
import type { LegalSentence, Reason } from '../wire.js';

/** 未成年人保护法 art. 11, which stands in for whatever is not verified. */
const FALLBACK = 'cn-upml-11';

/**
 * The sentences of law that may be shown: those the gateway says its legal pack has verified. Where one is not, or none came,
 * 未成年人保护法 art. 11 stands in its place, once (INV-17).
 */
export function shownSentences(reasons: readonly Reason[], texts: Texts): readonly { readonly id: string; readonly text: string }[] {
  const shown: Record<string, string> = {};
  for (const { legalSentences } of reasons) {
    if (legalSentences.length === 0) shown[FALLBACK] ||= texts.fallbackLaw;
    for (const sentence of legalSentences) {
      if (isShown(sentence)) shown[sentence.id] = sentence.text;
      else shown[FALLBACK] ||= texts.fallbackLaw;
    }
  }
  return Object.keys(shown).map((id) => ({ id, text: shown[id] || '' }));
}

function isShown({ verified, text }: LegalSentence): boolean {
  return verified === true && text !== '';
}
