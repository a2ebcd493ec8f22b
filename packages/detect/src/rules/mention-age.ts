import { addDays, completedYears } from '@zhida/core';
import type { Facts } from '../facts/facts.js';
import { readTimesAgo } from '../text/when.js';
import { agesThen } from '../text/written-ages.js';
import { type Sentence, mentionsInSentences } from './in-sentences.js';
import { type Sources, type Test, evidenceOf } from './test.js';

/** A mention whose sentence puts it at an age under `below`: by a time ago (昨天 on the day after the birthday) or an age (12岁时). */
export function testMentionAtAge(below: number, concept: number, { lexicon }: Sources): Test {
  return (facts, trace) => {
    const under = mentionsInSentences(facts, concept, lexicon.fold, (sentence) => mayBeUnder(facts, sentence, below));
    for (const { document, start, end } of under) trace.evidence.push(evidenceOf(facts, document, start, end), { at: facts.age.at });
    return under.length > 0 ? 2 : 0;
  };
}

function mayBeUnder({ age, on }: Facts, { document, folded, start, end }: Sentence, below: number): boolean {
  const { birth } = age;
  if (birth === undefined) return false;
  const written = document.on ?? on;
  const byTime = readTimesAgo(folded, start, end).some(({ maxDays }) => completedYears(birth.latest, addDays(written, -maxDays)) < below);
  return byTime || agesThen(folded, start, end).some((years) => years < below);
}
