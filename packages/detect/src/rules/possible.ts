import type { Condition } from '@zhida/packs';
import type { Facts } from '../facts/facts.js';
import type { Seen } from '../facts/seen.js';
import { isHelper } from '../text/lexicon.js';
import { compileCondition } from './conditions.js';
import { type Sources, conceptIndex, emptyTrace } from './test.js';

/** False where a rule cannot hold, whatever the texts of the record say in full. */
export type Possible = (facts: Facts, seen: Seen) => boolean;

/**
 * Compiles a condition into what it needs at least. A concept it names must have been seen, and a score must be within reach; what
 * stands outside the texts is asked as the condition itself asks it. What only the full text tells (where words stand, how long
 * ago, what is denied) is taken as given. Rules are monotone, so nothing that is not possible can hold (design: INV-13).
 */
export function compilePossible(condition: Condition, sources: Sources, at: string): Possible {
  const holds = compileParts(condition, sources, at);
  const needed = neededOf(condition, sources);
  if (needed === undefined) return holds;
  // Nearly every rule is settled by a look at the few concepts of which it needs one.
  const list = Int32Array.from(needed);
  return (facts, seen) => (seen.codeSets.size > 0 || hasOneOf(list, seen.concepts)) && holds(facts, seen);
}

function hasOneOf(list: Int32Array, concepts: Uint8Array): boolean {
  for (let index = 0; index < list.length; index += 1) if (concepts[list[index] ?? 0] === 1) return true;
  return false;
}

/** Concepts of which a record without known codes must show one; `undefined` where the condition may hold without any. */
function neededOf(condition: Condition, sources: Sources): ReadonlySet<number> | undefined {
  const indexOf = (id: string): ReadonlySet<number> => new Set([sources.lexicon.conceptIndex.get(id) ?? -1]);
  if ('all' in condition) {
    const known = condition.all.map((part) => neededOf(part, sources)).filter((part) => part !== undefined);
    return known.sort((left, right) => left.size - right.size)[0];
  }
  if ('any' in condition) return union(condition.any.map((part) => neededOf(part, sources)));
  if ('use' in condition) {
    const named = sources.pack.conditions[condition.use];
    return named === undefined ? undefined : neededOf(named, sources);
  }
  if ('mention' in condition) return indexOf(condition.mention);
  if ('near' in condition) return indexOf(rarest(condition.near, sources));
  if ('lasting' in condition) return indexOf(condition.lasting);
  if ('mentionAtAge' in condition) return indexOf(condition.mentionAtAge);
  if ('result' in condition) return indexOf(sources.pack.results[condition.result]?.concept ?? '');
  return 'code' in condition ? new Set() : undefined;
}

/** Of concepts that must stand together, the last that can be asserted: helpers stand in every text. */
function rarest(near: readonly string[], { lexicon }: Sources): string {
  return near.findLast((id) => !isHelper(lexicon.concepts[lexicon.conceptIndex.get(id) ?? -1]?.kind)) ?? near[0] ?? '';
}

function union(all: readonly (ReadonlySet<number> | undefined)[]): ReadonlySet<number> | undefined {
  const known = all.filter((part) => part !== undefined);
  return known.length < all.length ? undefined : new Set(known.flatMap((part) => [...part]));
}

function compileParts(condition: Condition, sources: Sources, at: string): Possible {
  const partsOf = (parts: readonly Condition[]): Possible[] => parts.map((part) => compileParts(part, sources, at));
  if ('all' in condition) {
    // What the texts must show fails most often, and is asked first.
    const parts = [...partsOf(condition.all.filter(isOfTexts)), ...partsOf(condition.all.filter((part) => !isOfTexts(part)))];
    return (facts, seen) => {
      for (const part of parts) if (!part(facts, seen)) return false;
      return true;
    };
  }
  if ('any' in condition) {
    // Most choices are mentions: their concepts are looked up in one list.
    const mentions = Int32Array.from(condition.any.flatMap((part) => ('mention' in part ? [conceptIndex(sources, part.mention, at)] : [])));
    const others = partsOf(condition.any.filter((part) => !('mention' in part)));
    return (facts, seen) => {
      const { concepts } = seen;
      if (hasOneOf(mentions, concepts)) return true;
      for (const part of others) if (part(facts, seen)) return true;
      return false;
    };
  }
  if ('context' in condition) return compileParts(condition.context, sources, at);
  if ('use' in condition) {
    const named = sources.pack.conditions[condition.use];
    return named === undefined ? always : compileParts(named, sources, at);
  }
  if ('score' in condition) return possibleScore(condition, sources, at);
  return possibleFact(condition, sources, at);
}

/** True for a condition that mostly asks for words or codes. */
function isOfTexts(condition: Condition): boolean {
  return ['any', 'mention', 'near', 'lasting', 'code', 'result', 'score'].some((form) => form in condition);
}

const always: Possible = () => true;

function possibleScore({ score, atLeast }: Extract<Condition, { score: unknown }>, sources: Sources, at: string): Possible {
  const terms = score.map(({ weight, when }) => ({ weight, part: compileParts(when, sources, at) }));
  return (facts, seen) => {
    let sum = 0;
    for (const { weight, part } of terms) if (part(facts, seen)) sum += Math.max(0, weight);
    return sum >= atLeast;
  };
}

function possibleFact(condition: Condition, sources: Sources, at: string): Possible {
  if ('mention' in condition) return allSeen([condition.mention], sources, at);
  if ('near' in condition) return allSeen(condition.near, sources, at);
  if ('lasting' in condition) return allSeen([condition.lasting], sources, at);
  if ('mentionAtAge' in condition) return allSeen([condition.mentionAtAge], sources, at);
  if ('result' in condition) {
    const { result, negative = false } = condition;
    return (_, { results }) => results.has(negative ? `not ${result}` : result);
  }
  if ('code' in condition) {
    const { code } = condition;
    return (_, { codeSets }) => codeSets.has(code);
  }
  if ('mother' in condition) return ({ mother }) => mother !== undefined;
  if ('visits' in condition || 'visit' in condition || 'reportedBefore' in condition) return ({ visits }) => visits.length > 0;
  if ('not' in condition || 'fewerThan' in condition || 'gestation' in condition) return always;
  const test = compileCondition(condition, sources, at);
  const nobodyReads = emptyTrace();
  return (facts) => {
    const isPossible = test(facts, nobodyReads) !== 0;
    if (nobodyReads.evidence.length > 0) nobodyReads.evidence.length = 0;
    return isPossible;
  };
}

function allSeen(ids: readonly string[], sources: Sources, at: string): Possible {
  const indices = ids.map((id) => conceptIndex(sources, id, at));
  if (indices.length === 1) {
    const [only = -1] = indices;
    return (_, { concepts }) => concepts[only] === 1;
  }
  return (_, { concepts }) => {
    for (const index of indices) if (concepts[index] !== 1) return false;
    return true;
  };
}
