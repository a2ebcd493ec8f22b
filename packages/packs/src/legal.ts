import type { LocalText } from './rule-pack.js';

/** Where a sentence of law stands. */
export interface LegalSource {
  readonly title: string;
  readonly article: string;
  readonly address: string;
}

/** One sentence of law, word for word. Only a verified one is ever shown to a clinician (design: INV-17). */
export interface LegalSentence {
  readonly zh: string;
  /** Unofficial translation, and marked so; absent for a sentence that nobody has verified. */
  readonly en?: string;
  readonly source: LegalSource;
  readonly verified: boolean;
  /** `YYYY-MM-DD`; only of a verified sentence. */
  readonly verifiedOn?: string;
}

export interface LegalPack {
  readonly schemaVersion: '1';
  readonly id: string;
  readonly version: string;
  /** First day it is meant for, `YYYY-MM-DD`. */
  readonly effectiveFrom: string;
  /** Last day, itself included. Outside its days a pack goes on being used, and whoever runs the service is told. */
  readonly effectiveTo?: string;
  readonly jurisdiction: string;
  readonly digest: string;
  readonly sentences: Readonly<Record<string, LegalSentence>>;
}

/** 未成年人保护法 art. 11: what is shown in place of any sentence that is unknown or not verified. */
export const FALLBACK_SENTENCE = 'cn-upml-11';

/** A sentence for a clinical screen: the one asked for when it is verified, else 未成年人保护法 art. 11, whose id it then carries. */
export function clinicalSentence(pack: LegalPack, id: string, locale: keyof LocalText): { id: string; text: string } {
  const asked = Object.hasOwn(pack.sentences, id) ? pack.sentences[id] : undefined;
  if (asked?.verified === true) return { id, text: textOf(asked, locale) };
  const fallback = pack.sentences[FALLBACK_SENTENCE];
  return { id: FALLBACK_SENTENCE, text: fallback === undefined ? '' : textOf(fallback, locale) };
}

function textOf(sentence: LegalSentence, locale: keyof LocalText): string {
  return locale === 'en' ? (sentence.en ?? sentence.zh) : sentence.zh;
}
