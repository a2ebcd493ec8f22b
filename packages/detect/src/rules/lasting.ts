import type { Mention } from '../facts/facts.js';
import type { Facts } from '../facts/facts.js';
import { foldText } from '../text/fold.js';
import { readDurations } from '../text/when.js';
import { type Sources, type Test, evidenceOf } from './test.js';

/** A mention whose sentence says that it has lasted, or lies back, so many days: 双脚烫伤3天, 1周前烫到. */
export function testLasting(concept: number, days: number, { lexicon }: Sources): Test {
  return (facts, trace) => {
    let truth: 0 | 2 = 0;
    for (const mention of facts.mentions.get(concept) ?? []) {
      if (!hasLasted(facts, mention, days, lexicon.fold)) continue;
      trace.evidence.push(evidenceOf(facts, mention.document, mention.start, mention.end));
      truth = 2;
    }
    return truth;
  };
}

function hasLasted(facts: Facts, mention: Mention, days: number, fold: Uint16Array): boolean {
  const document = facts.documents[mention.document];
  if (document === undefined) return false;
  document.folded ??= foldText(document.text, fold);
  const sentence = document.clauses.segments.filter((segment) => segment.sentence === mention.sentence);
  return readDurations(document.folded, sentence[0]?.start ?? 0, sentence.at(-1)?.end ?? 0).some(({ minDays }) => minDays >= days);
}
