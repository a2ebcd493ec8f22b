import type { Concept, Condition, RulePack } from '@zhida/packs';
import { makersOf, partsOf } from '../facts/derive.js';
import type { Sources } from './test.js';

/** Sources, and what the conditions the pack names ask for as far as they have been looked at: many rules use the same ones. */
export interface NamedSources extends Sources {
  readonly names: Map<string, readonly string[]>;
}

/** Marks every concept a condition asks for and every one these are made of, and the tests of its results: 1 by index. */
export function conceptsOf(condition: Condition, sources: NamedSources): Uint8Array {
  return marked(namesOf(condition, sources, true), partsOf, sources);
}

/** Of these only what decides whether the condition is possible: nothing that can only take away. */
export function neededConceptsOf(condition: Condition, sources: NamedSources): Uint8Array {
  return marked(namesOf(condition, sources, false), makersOf, sources);
}

function marked(ids: readonly string[], madeOf: (concept: Concept) => readonly string[], { lexicon }: Sources): Uint8Array {
  const all = new Uint8Array(lexicon.concepts.length);
  const mark = (id: string): void => {
    const index = lexicon.conceptIndex.get(id);
    if (index === undefined || all[index] === 1) return;
    all[index] = 1;
    const concept = lexicon.concepts[index];
    if (concept !== undefined) for (const part of madeOf(concept)) mark(part);
  };
  for (const id of ids) mark(id);
  return all;
}

function namesOf(condition: Condition, sources: NamedSources, denials: boolean): readonly string[] {
  const ofAll = (parts: readonly Condition[]): string[] => parts.flatMap((part) => namesOf(part, sources, denials));
  if ('all' in condition) return ofAll(condition.all);
  if ('any' in condition) return ofAll(condition.any);
  if ('score' in condition) return ofAll(condition.score.map(({ when }) => when));
  if ('context' in condition) return namesOf(condition.context, sources, denials);
  if ('not' in condition) return denials ? namesOf(condition.not, sources, denials) : [];
  if ('fewerThan' in condition) return denials ? namesOf(condition.of, sources, denials) : [];
  return 'use' in condition ? namesOfNamed(condition.use, sources, denials) : namesOfFact(condition, sources.pack);
}

function namesOfNamed(name: string, sources: NamedSources, denials: boolean): readonly string[] {
  const key = `${String(denials)} ${name}`;
  const known = sources.names.get(key);
  if (known !== undefined) return known;
  const condition = sources.pack.conditions[name];
  const names = condition === undefined ? [] : [...new Set(namesOf(condition, sources, denials))];
  sources.names.set(key, names);
  return names;
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
