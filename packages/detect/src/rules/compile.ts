import { ZhidaError } from '@zhida/core';
import type { Condition, Rule, RulePack } from '@zhida/packs';
import type { Lexicon } from '../text/lexicon.js';
import { compileCondition } from './conditions.js';
import type { Test } from './test.js';
import { type NamedSources, conceptsOf, neededConceptsOf } from './concepts.js';
import { type Needs, type Possible, compilePossible, neededOf } from './possible.js';

/** A condition that may be asked of a record before it has been read in full. */
export interface Question {
  readonly test: Test;
  /** False where reading the record in full cannot make it hold. Compiled when it is first asked: most never are. */
  readonly mayHold: Possible;
  /** True where it asks nothing of the texts but what they weigh: no reading makes a difference. */
  readonly weighsAlone: boolean;
}

export interface CompiledSuppressor extends Question {
  readonly id: string;
  readonly silences: boolean;
}

export interface CompiledRule extends Question {
  readonly rule: Rule;
  readonly isPossible: Possible;
  /** Places in {@link Seen}.concepts of one of which it needs a 1 to be possible; `undefined` where it may be so without any. */
  readonly needed: ReadonlySet<number> | undefined;
  /** 1 by index for every concept its condition asks for, and for those these are made of. */
  readonly concepts: () => Uint8Array;
  /** Of these, 1 for those that decide whether it is possible. */
  readonly neededConcepts: () => Uint8Array;
  /** Of a rule that weighs, 1 for those that decide whether what is asked of it once it holds may hold: its levels, situations and suppressors. */
  readonly laterConcepts: () => Uint8Array;
  /** What some statement must weigh for it to hold; `undefined` for a rule that does not ask. */
  readonly leastWeight: number | undefined;
  readonly levels: readonly { readonly level: 'red' | 'orange' | 'yellow'; readonly when: Question | undefined }[];
  readonly situations: readonly { readonly situation: number; readonly when: Question | undefined }[];
  /** Each raises the level by the one step there is. */
  readonly raisedBy: readonly Question[];
  /** What makes the rule hold whatever its statement weighs. */
  readonly holdsAnyway: Question | undefined;
  readonly suppressors: readonly CompiledSuppressor[];
}

/**
 * Compiles the rules of a pack, in the order of their ids.
 *
 * @throws ZhidaError `ZD_ERR_PACK_INVALID` when a rule names what the pack does not define, two rules share an id, a list of
 * choices has no last resort, or a `not` stands outside a context (it would let a new fact take an indication away, INV-13).
 */
export function compileRules(pack: RulePack, lexicon: Lexicon): readonly CompiledRule[] {
  const seen = new Set<string>();
  const needs: Needs & NamedSources = { pack, lexicon, named: new Map(), needed: new Map(), names: new Map() };
  const suppressors = new Map(
    pack.suppressors.map(({ id, when, silences = false }) => [id, { id, ...compileQuestion(when, needs, `suppressors.${id}`), silences }]),
  );
  return pack.rules
    .map((rule) => {
      if (seen.has(rule.id)) throw invalid('two rules share an id', rule.id);
      seen.add(rule.id);
      return compileRule(rule, needs, suppressors);
    })
    .sort((left, right) => (left.rule.id < right.rule.id ? -1 : 1));
}

function compileRule(rule: Rule, sources: Needs & NamedSources, suppressors: ReadonlyMap<string, CompiledSuppressor>): CompiledRule {
  const at = `rules.${rule.id}`;
  if (!isMonotone(rule.when, sources.pack))
    throw invalid('only a context may hold a `not` or a `fewerThan`, and only a suppressor a `recordWeighs`', `${at}.when`);
  const choice = (when: Condition | undefined, name: string): Question | undefined =>
    when === undefined ? undefined : compileQuestion(when, sources, `${at}.${name}`);
  const levels = rule.levels.map(({ level, when }, index) => ({ level, when: choice(when, `levels[${index}]`) }));
  const situations = rule.situations.map(({ situation, when }, index) => ({ situation, when: choice(when, `situations[${index}]`) }));
  if (levels.at(-1)?.when !== undefined || levels.length === 0) throw invalid('the last level needs no condition', `${at}.levels`);
  if (situations.at(-1)?.when !== undefined || situations.length === 0)
    throw invalid('the last situation needs no condition', `${at}.situations`);
  const raisedBy = (rule.raisedBy ?? []).map((use): Condition => ({ use }));
  if (!raisedBy.every((when) => isMonotone(when, sources.pack))) throw invalid('only a context may hold a `not`', `${at}.raisedBy`);
  const leastWeight = leastWeightOf(rule.when);
  const needed = neededOf(rule.when, sources);
  return {
    rule,
    ...compileQuestion(rule.when, sources, `${at}.when`),
    isPossible: compilePossible(rule.when, sources, `${at}.when`, needed),
    needed,
    concepts: () => conceptsOf(rule.when, sources),
    neededConcepts: whenFirstAsked(() => neededConceptsOf(rule.when, sources)),
    laterConcepts: whenFirstAsked(() => neededConceptsOf(laterConditions(rule, sources.pack), sources)),
    leastWeight,
    levels,
    situations,
    holdsAnyway:
      rule.weighsUnless === undefined ? undefined : compileQuestion({ mention: rule.weighsUnless }, sources, `${at}.weighsUnless`),
    raisedBy: raisedBy.map((when, index) => compileQuestion(when, sources, `${at}.raisedBy[${index}]`)),
    suppressors: [...rule.suppressors].sort().map((id) => {
      const suppressor = suppressors.get(id);
      if (suppressor === undefined) throw invalid('the rule names a suppressor the pack does not define', at);
      return suppressor;
    }),
  };
}

function laterConditions({ levels, situations, raisedBy = [], suppressors }: Rule, pack: RulePack): Condition {
  const choices = [...[...levels, ...situations].flatMap(({ when }) => when ?? []), ...raisedBy.map((use) => ({ use }))];
  return { any: [...choices, ...pack.suppressors.filter(({ id }) => suppressors.includes(id)).map(({ when }) => when)] };
}

/** Most records ask it of no rule. */
function whenFirstAsked<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function compileQuestion(when: Condition, sources: Needs, at: string): Question {
  const possible = whenFirstAsked(() => compilePossible(when, sources, at));
  return {
    test: compileCondition(when, sources, at),
    mayHold: (facts, seen) => possible()(facts, seen),
    weighsAlone: weighsAlone(when),
  };
}

function isMonotone(condition: Condition, pack: RulePack): boolean {
  if ('all' in condition) return condition.all.every((part) => isMonotone(part, pack));
  if ('any' in condition) return condition.any.every((part) => isMonotone(part, pack));
  if ('score' in condition) return condition.score.every(({ when }) => isMonotone(when, pack));
  if ('use' in condition) {
    const named = pack.conditions[condition.use];
    return named === undefined || isMonotone(named, pack);
  }
  return !('not' in condition) && !('fewerThan' in condition) && !('recordWeighs' in condition);
}

function leastWeightOf(condition: Condition): number | undefined {
  if ('statementWeighs' in condition) return condition.statementWeighs;
  const weights = 'all' in condition ? condition.all.map(leastWeightOf).filter((weight) => weight !== undefined) : [];
  return weights.length === 0 ? undefined : Math.max(...weights);
}

const WEIGHS_ALONE = ['statementWeighs', 'recordWeighs', 'weighsRed', 'ageYears'];

/** Whether a condition asks nothing of the texts but what they weigh. */
function weighsAlone(condition: Condition): boolean {
  return 'all' in condition ? condition.all.every(weighsAlone) : WEIGHS_ALONE.some((form) => form in condition);
}

function invalid(message: string, at: string): ZhidaError {
  return new ZhidaError('ZD_ERR_PACK_INVALID', message, { at });
}
