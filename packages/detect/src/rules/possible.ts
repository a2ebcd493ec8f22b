import type { Condition, Pattern } from '@zhida/packs';
import { compileTogether, mayStandTogether, rarest } from '../facts/derive.js';
import type { Facts } from '../facts/facts.js';
import type { Seen } from '../facts/seen.js';
import { compileCondition } from './conditions.js';
import { possibleStatement } from './weight.js';
import { type Sources, conceptIndex, emptyTrace } from './test.js';

/** False where a rule cannot hold, whatever the texts of the record say in full. */
export type Possible = (facts: Facts, seen: Seen) => boolean;

/** Sources, and the conditions the pack names as far as they have been compiled: many rules use the same ones. */
export interface Needs extends Sources {
  readonly named: Map<string, Possible>;
  /** What {@link neededOf} found: a part is asked about with each condition it stands in. */
  readonly needed: Map<Condition, ReadonlySet<number> | undefined>;
}

/**
 * Compiles a condition into what it needs at least. A concept it names must have been seen, and concepts that must stand together
 * near each other; a score must be within reach; what stands outside the texts is asked as the condition itself asks it. What only
 * the full text tells (where a clause ends, how long ago, what is denied) is taken as given. Rules are monotone, so nothing that is
 * not possible can hold (design: INV-13).
 */
export function compilePossible(condition: Condition, needs: Needs, at: string, needed = neededOf(condition, needs)): Possible {
  // Nearly every rule is settled by a look at the few concepts of which it needs one.
  const holds = compileParts(condition, needs, at);
  if (needed === undefined) return holds;
  const list = Int32Array.from(needed);
  return (facts, seen) => hasOneOf(list, seen.concepts) && holds(facts, seen);
}

function hasOneOf(list: Int32Array, concepts: Uint8Array): boolean {
  for (let index = 0; index < list.length; index += 1) if (concepts[list[index] ?? 0] === 1) return true;
  return false;
}

/** Places in {@link Seen}.concepts of which a record must show one; `undefined` where the condition may hold without any. */
export function neededOf(condition: Condition, needs: Needs): ReadonlySet<number> | undefined {
  if (!needs.needed.has(condition)) needs.needed.set(condition, readNeeded(condition, needs));
  return needs.needed.get(condition);
}

function readNeeded(condition: Condition, needs: Needs): ReadonlySet<number> | undefined {
  if ('all' in condition) {
    const known = condition.all.map((part) => neededOf(part, needs)).filter((part) => part !== undefined);
    return known.sort((left, right) => left.size - right.size)[0];
  }
  if ('any' in condition) return union(condition.any.map((part) => neededOf(part, needs)));
  if ('score' in condition) return condition.atLeast > 0 ? union(condition.score.map(({ when }) => neededOf(when, needs))) : undefined;
  if ('context' in condition) return neededOf(condition.context, needs);
  if (!('use' in condition)) return neededOfFact(condition, needs);
  const named = needs.pack.conditions[condition.use];
  return named === undefined ? undefined : neededOf(named, needs);
}

function neededOfFact(condition: Condition, sources: Sources): ReadonlySet<number> | undefined {
  const indexOf = (id: string): ReadonlySet<number> => new Set([sources.lexicon.conceptIndex.get(id) ?? -1]);
  if ('mention' in condition) return indexOf(condition.mention);
  if ('near' in condition) return indexOf(rarest(condition.near, sources.lexicon));
  if ('lasting' in condition) return indexOf(condition.lasting);
  if ('mentionAtAge' in condition) return indexOf(condition.mentionAtAge);
  if ('result' in condition) return indexOf(sources.pack.results[condition.result]?.concept ?? '');
  return 'code' in condition ? new Set([sources.lexicon.concepts.length]) : undefined;
}

function union(all: readonly (ReadonlySet<number> | undefined)[]): ReadonlySet<number> | undefined {
  const known = all.filter((part) => part !== undefined);
  return known.length < all.length ? undefined : new Set(known.flatMap((part) => [...part]));
}

function compileParts(condition: Condition, needs: Needs, at: string): Possible {
  const partsOf = (parts: readonly Condition[]): Possible[] => parts.map((part) => compileParts(part, needs, at));
  if ('all' in condition) {
    // An age is compared in no time; then what the texts must show, which fails most often.
    const parts = partsOf(condition.all.toSorted((left, right) => rankOf(left) - rankOf(right)));
    return (facts, seen) => {
      for (const part of parts) if (!part(facts, seen)) return false;
      return true;
    };
  }
  if ('any' in condition) return possibleAny(condition.any, needs, at);
  if ('context' in condition) return compileParts(condition.context, needs, at);
  if ('use' in condition) return possibleNamed(condition.use, needs);
  if ('score' in condition) return possibleScore(condition, needs, at);
  return possibleFact(condition, needs, at);
}

/** Most choices are mentions, and most others need one concept: these are looked up in lists. */
function possibleAny(any: readonly Condition[], needs: Needs, at: string): Possible {
  const mentions = Int32Array.from(any.flatMap((part) => ('mention' in part ? [conceptIndex(needs, part.mention, at)] : [])));
  const others = any.filter((part) => !('mention' in part));
  const keys = Int32Array.from(others, (part) => {
    const [key = -1, second] = neededOf(part, needs) ?? [];
    return second === undefined ? key : -1;
  });
  const holds = others.map((part, index) => ((keys[index] ?? -1) < 0 ? compilePossible(part, needs, at) : compileParts(part, needs, at)));
  return (facts, seen) => {
    const { concepts } = seen;
    if (hasOneOf(mentions, concepts)) return true;
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] ?? -1;
      if ((key < 0 || concepts[key] === 1) && holds[index]?.(facts, seen) === true) return true;
    }
    return false;
  };
}

/** Many rules use the same conditions: each is compiled once, and asked once of what was seen. */
function possibleNamed(name: string, needs: Needs): Possible {
  const known = needs.named.get(name);
  if (known !== undefined) return known;
  const condition = needs.pack.conditions[name];
  if (condition === undefined) return always;
  const holds = compileParts(condition, needs, `conditions.${name}`);
  let asked: Seen | undefined;
  let answer = false;
  const named: Possible = (facts, seen) => {
    if (asked === seen) return answer;
    answer = holds(facts, seen);
    asked = seen;
    return answer;
  };
  needs.named.set(name, named);
  return named;
}

const FIRST_ASKED = ['ageYears', 'ageMonths', 'ageDays', 'sex', 'encounterClass'];
const ASKED_OF_TEXTS = ['any', 'mention', 'near', 'lasting', 'code', 'result', 'score'];

function rankOf(condition: Condition): number {
  if (FIRST_ASKED.some((form) => form in condition)) return 0;
  return ASKED_OF_TEXTS.some((form) => form in condition) ? 1 : 2;
}

/** What only the full text tells, or what it denies. */
const MORE_TO_READ = ['not', 'fewerThan', 'gestation', 'recordWeighs', 'weighsRed'];

const always: Possible = () => true;

function possibleScore({ score, atLeast }: Extract<Condition, { score: unknown }>, needs: Needs, at: string): Possible {
  const terms = score.map(({ weight, when }) => ({ weight, part: compileParts(when, needs, at) }));
  return (facts, seen) => {
    let sum = 0;
    for (const { weight, part } of terms) if (part(facts, seen)) sum += Math.max(0, weight);
    return sum >= atLeast;
  };
}

function possibleFact(condition: Condition, needs: Needs, at: string): Possible {
  if ('mention' in condition) return isSeen(condition.mention, needs, at);
  if ('near' in condition) return possibleNear(condition, needs, at);
  if ('lasting' in condition) return isSeen(condition.lasting, needs, at);
  if ('mentionAtAge' in condition) return isSeen(condition.mentionAtAge, needs, at);
  if ('result' in condition) return possibleResult(condition);
  if ('code' in condition) {
    const { code } = condition;
    return (_, { codeSets }) => codeSets.has(code);
  }
  if ('statementWeighs' in condition) return possibleStatement(condition.statementWeighs);
  if ('mother' in condition) return ({ mother }) => mother !== undefined;
  if ('visits' in condition || 'visit' in condition || 'reportedBefore' in condition) return ({ visits }) => visits.length > 0;
  if (MORE_TO_READ.some((form) => form in condition)) return always;
  const test = compileCondition(condition, needs, at);
  const nobodyReads = emptyTrace();
  return (facts) => {
    const isPossible = test(facts, nobodyReads) !== 0;
    if (nobodyReads.evidence.length > 0) nobodyReads.evidence.length = 0;
    return isPossible;
  };
}

function possibleResult({ result, negative = false }: Extract<Condition, { result: unknown }>): Possible {
  const name = negative ? `not ${result}` : result;
  return (_, { results }) => results.has(name);
}

function possibleNear(pattern: Pattern, needs: Needs, at: string): Possible {
  for (const id of pattern.near) conceptIndex(needs, id, at);
  const together = compileTogether(pattern, needs.lexicon);
  return (_, seen) => mayStandTogether(together, seen);
}

function isSeen(id: string, needs: Needs, at: string): Possible {
  const index = conceptIndex(needs, id, at);
  return (_, { concepts }) => concepts[index] === 1;
}
