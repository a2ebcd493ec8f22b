import { Engine, type TopLevelCondition } from 'json-rules-engine';
import type { Condition, RulePack } from '@zhida/packs';

/** What another detector sees in a list of texts; asynchronous where the peer is. */
export type Peer = (texts: readonly string[], ageYears: number) => void | Promise<void>;

/**
 * The same pack the way a hospital would otherwise build it: one union of every term as a regular expression, and
 * json-rules-engine over the concepts found. It reads no negation, no clause and no number, and so does less than is asked.
 */
export function rulesEngineWithRegExp(pack: RulePack): Peer {
  const concepts = conceptsByTerm(pack);
  const union = unionOf(concepts.keys());
  const engine = new Engine([], { allowUndefinedFacts: true });
  for (const rule of pack.rules) {
    engine.addRule({ conditions: { all: [toEngine(rule.when, pack)] } as TopLevelCondition, event: { type: rule.id } });
  }
  return async (texts, ageYears) => {
    const facts: Record<string, unknown> = { ageYears };
    for (const text of texts) {
      for (const word of text.toLowerCase().match(union) ?? []) for (const concept of concepts.get(word) ?? []) facts[concept] = true;
    }
    await engine.run(facts);
  };
}

/** Every term of the pack looked for by itself: the keyword list of most hospital systems. */
export function includesPerTerm(pack: RulePack): (texts: readonly string[]) => number {
  const terms = [...conceptsByTerm(pack).keys()];
  return (texts) => texts.reduce((sum, text) => sum + countIncluded(text.toLowerCase(), terms), 0);
}

function countIncluded(text: string, terms: readonly string[]): number {
  let count = 0;
  for (const term of terms) if (text.includes(term)) count += 1;
  return count;
}

/** The union of every term alone, without any rule. */
export function regExpUnion(pack: RulePack): (texts: readonly string[]) => number {
  const union = unionOf(conceptsByTerm(pack).keys());
  return (texts) => texts.reduce((sum, text) => sum + (text.toLowerCase().match(union)?.length ?? 0), 0);
}

function conceptsByTerm({ concepts }: RulePack): Map<string, string[]> {
  const byTerm = new Map<string, string[]>();
  for (const { id, terms } of concepts) {
    for (const term of terms) byTerm.set(term.toLowerCase(), [...(byTerm.get(term.toLowerCase()) ?? []), id]);
  }
  return byTerm;
}

/** Longest first, so that it finds what a reader would; without the flags `i` and `u`, which make it a thousand times slower. */
function unionOf(terms: Iterable<string>): RegExp {
  return new RegExp(
    [...terms]
      .sort((a, b) => b.length - a.length)
      .map(escape)
      .join('|'),
    'g',
  );
}

function escape(term: string): string {
  return term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

type EngineCondition = { all: EngineCondition[] } | { any: EngineCondition[] } | { fact: string; operator: string; value: unknown };

/** Of the forms the peer has no word for, what they need to be there at all; the rest it takes as given. */
function toEngine(condition: Condition, pack: RulePack): EngineCondition {
  if ('all' in condition) return { all: condition.all.map((part) => toEngine(part, pack)) };
  if ('any' in condition) return { any: condition.any.map((part) => toEngine(part, pack)) };
  if ('score' in condition) return { any: condition.score.map(({ when }) => toEngine(when, pack)) };
  if ('context' in condition) return toEngine(condition.context, pack);
  if ('use' in condition) {
    const named = pack.conditions[condition.use];
    return named === undefined ? { all: [] } : toEngine(named, pack);
  }
  if ('near' in condition) return { all: condition.near.map(isThere) };
  if ('mention' in condition) return isThere(condition.mention);
  if ('lasting' in condition) return isThere(condition.lasting);
  if ('mentionAtAge' in condition) return isThere(condition.mentionAtAge);
  if ('code' in condition) return isThere(`code:${condition.code}`);
  if ('result' in condition) return isThere(`result:${condition.result}`);
  if ('ageYears' in condition) return { fact: 'ageYears', operator: 'lessThan', value: condition.ageYears.below ?? 200 };
  return { fact: 'ageYears', operator: 'greaterThanInclusive', value: 0 };
}

function isThere(fact: string): EngineCondition {
  return { fact, operator: 'equal', value: true };
}
