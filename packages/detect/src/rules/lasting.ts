import { readDurations } from '../text/when.js';
import { mentionsInSentences } from './in-sentences.js';
import { type Sources, type Test, evidenceOf } from './test.js';

/** A mention whose sentence says that it has lasted, or lies back, so many days: 双脚烫伤3天, 1周前烫到. */
export function testLasting(concept: number, days: number, { lexicon }: Sources): Test {
  return (facts, trace) => {
    const lasting = mentionsInSentences(facts, concept, lexicon.fold, ({ folded, start, end }) =>
      readDurations(folded, start, end).some(({ minDays }) => minDays >= days),
    );
    for (const { document, start, end } of lasting) trace.evidence.push(evidenceOf(facts, document, start, end));
    return lasting.length > 0 ? 2 : 0;
  };
}
