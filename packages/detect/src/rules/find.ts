import type { Facts } from '../facts/facts.js';
import type { Seen } from '../facts/seen.js';
import { flatten } from '../text/lexicon.js';
import type { CompiledRule } from './compile.js';

/** Those of all rules that may hold by what a record shows, in their order. */
export type FindRules = (facts: Facts, seen: Seen) => readonly CompiledRule[];

/** Looks rules up by the concepts that were seen, which are few: nearly every rule needs one of a few others and is not asked at all. */
export function createRuleFinder(rules: readonly CompiledRule[], conceptCount: number): FindRules {
  const needing = Array.from({ length: conceptCount + 1 }, (): number[] => []);
  rules.forEach(({ needed }, rule) => {
    for (const concept of needed ?? []) needing[concept]?.push(rule);
  });
  const { start, concepts: rulesOf } = flatten(needing, (rule) => rule);
  const always = Uint8Array.from(rules, ({ needed }) => (needed === undefined ? 1 : 0));
  const isAsked = new Uint8Array(rules.length);
  return (facts, seen) => {
    const { concepts } = seen;
    isAsked.set(always);
    for (let concept = 0; concept < concepts.length; concept += 1) {
      if (concepts[concept] !== 1) continue;
      for (let at = start[concept] ?? 0; at < (start[concept + 1] ?? 0); at += 1) isAsked[rulesOf[at] ?? 0] = 1;
    }
    return possibleRules(
      rules.filter((_, rule) => isAsked[rule] === 1),
      facts,
      seen,
    );
  };
}

/** Those of some rules that may hold. */
export function possibleRules(rules: readonly CompiledRule[], facts: Facts, seen: Seen): readonly CompiledRule[] {
  return rules.filter((rule) => mayHold(rule, facts, seen));
}

function mayHold({ isPossible }: CompiledRule, facts: Facts, seen: Seen): boolean {
  try {
    return isPossible(facts, seen);
  } catch {
    // Its evaluation will fail as well, and say so.
    return true;
  }
}
