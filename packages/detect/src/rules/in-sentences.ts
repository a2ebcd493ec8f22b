import type { Document, Facts, Mention } from '../facts/facts.js';
import type { Clause } from '../text/clauses.js';
import { foldText } from '../text/fold.js';

/** The sentence a mention stands in, as the lexicon is written. */
export interface Sentence {
  readonly document: Document;
  readonly folded: string;
  readonly start: number;
  readonly end: number;
}

/** The mentions of a concept whose sentence holds. Each sentence is asked once, however many it has: a text without a full stop is one. */
export function mentionsInSentences(facts: Facts, concept: number, fold: Uint16Array, holds: (sentence: Sentence) => boolean): Mention[] {
  let asked: Mention | undefined;
  let answer = false;
  return (facts.mentions.get(concept) ?? []).filter((mention) => {
    if (asked === undefined || asked.document !== mention.document || asked.sentence !== mention.sentence) {
      const document = facts.documents[mention.document];
      answer = document !== undefined && holds(sentenceOf(document, mention, fold));
      asked = mention;
    }
    return answer;
  });
}

function sentenceOf(document: Document, mention: Mention, fold: Uint16Array): Sentence {
  document.folded ??= foldText(document.text, fold);
  const { clauses } = document.clauses;
  const first = clauses[firstOf(clauses, mention.sentence)];
  const last = clauses[firstOf(clauses, mention.sentence + 1) - 1];
  return { document, folded: document.folded, start: first?.start ?? mention.start, end: last?.end ?? mention.end };
}

/** Index of the first clause of a sentence or a later one. */
function firstOf(clauses: readonly Clause[], sentence: number): number {
  let low = 0;
  let high = clauses.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((clauses[middle]?.sentence ?? 0) < sentence) low = middle + 1;
    else high = middle;
  }
  return low;
}
