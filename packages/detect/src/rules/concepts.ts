import { type Condition, type RulePack } from '@zhida/packs';
import { partsOf } from '../facts/derive.js';
import type { Sources } from './test.js';

/** Marks every concept a condition asks for and every one these are made of, and the tests of its results: 1 by index. */
export function conceptsOf(condition: Condition, { pack, lexicon }: Sources): Uint8Array {
  const marked = new Uint8Array(lexicon.concepts.length);
  const mark = (id: string): void => {
    const index = lexicon.conceptIndex.get(id);
    if (index === undefined || marked[index] === 1) return;
    marked[index] = 1;
    const concept = lexicon.concepts[index];
    if (concept !== undefined) for (const part of partsOf(concept)) mark(part);
  };
  for (const id of namesOf(condition, pack)) mark(id);
  return marked;
}

function namesOf(condition: Condition, pack: RulePack): readonly string[] {
  const ofAll = (parts: readonly Condition[]): string[] => parts.flatMap((part) => namesOf(part, pack));
  if ('all' in condition) return ofAll(condition.all);
  if ('any' in condition) return ofAll(condition.any);
  if ('score' in condition) return ofAll(condition.score.map(({ when }) => when));
  if ('context' in condition) return namesOf(condition.context, pack);
  if ('not' in condition) return namesOf(condition.not, pack);
  if ('fewerThan' in condition) return namesOf(condition.of, pack);
  if ('use' in condition) {
    const named = pack.conditions[condition.use];
    return named === undefined ? [] : namesOf(named, pack);
  }
  return namesOfFact(condition, pack);
}

function namesOfFact(condition: Condition, pack: RulePack): readonly string[] {
  if ('mention' in condition) return [condition.mention];
  if ('near' in condition) return condition.near;
  if ('lasting' in condition) return [condition.lasting];
  if ('mentionAtAge' in condition) return [condition.mentionAtAge];
  if ('visits' in condition) return [condition.visits.injury, condition.visits.witness];
  if ('result' in condition) return [pack.results[condition.result]?.concept ?? ''];
  return [];
}
