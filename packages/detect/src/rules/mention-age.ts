import { addDays, completedYears } from '@zhida/core';
import type { Facts, Mention } from '../facts/facts.js';
import { foldText } from '../text/fold.js';
import { readTimesAgo } from '../text/when.js';
import { agesThen } from '../text/written-ages.js';
import { type Sources, type Test, evidenceOf } from './test.js';

/** A mention whose sentence puts it at an age under `below`: by a time ago (昨天 on the day after the birthday) or an age (12岁时). */
export function testMentionAtAge(below: number, concept: number, { lexicon }: Sources): Test {
  return (facts, trace) => {
    let truth: 0 | 2 = 0;
    for (const mention of facts.mentions.get(concept) ?? []) {
      if (!mayBeUnder(facts, mention, below, lexicon.fold)) continue;
      trace.evidence.push(evidenceOf(facts, mention.document, mention.start, mention.end), { at: facts.age.at });
      truth = 2;
    }
    return truth;
  };
}

function mayBeUnder(facts: Facts, mention: Mention, below: number, fold: Uint16Array): boolean {
  const document = facts.documents[mention.document];
  const { birth } = facts.age;
  if (document === undefined || birth === undefined) return false;
  document.folded ??= foldText(document.text, fold);
  const sentence = document.clauses.segments.filter((segment) => segment.sentence === mention.sentence);
  const from = sentence[0]?.start ?? mention.start;
  const to = sentence.at(-1)?.end ?? mention.end;
  const written = document.on ?? facts.on;
  const byTime = readTimesAgo(document.folded, from, to).some(
    ({ maxDays }) => completedYears(birth.latest, addDays(written, -maxDays)) < below,
  );
  return byTime || agesThen(document.folded, from, to).some((years) => years < below);
}
