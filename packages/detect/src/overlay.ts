import { ZhidaError } from '@zhida/core';
import type { Concept, Condition, Level, LevelChoice, RulePack } from '@zhida/packs';
import { loweringConcepts } from './rules/lowering.js';

/** A hospital's own choices over a pack: words its staff use, rules that do not prompt, levels one step off. */
export interface Overlay {
  /** More terms by concept id. Not of a concept whose words can only lower a rule whose red is fixed by law (疑似 is no question). */
  readonly terms?: Readonly<Record<string, readonly string[]>>;
  /** Rules that are assessed and counted but do not prompt. One whose red is fixed by law needs a reason in `silentReasons`. */
  readonly silentRules?: readonly string[];
  /** Why a rule fixed by law is silent, by rule id; it goes on record with the overlay. */
  readonly silentReasons?: Readonly<Record<string, string>>;
  /** Words that together let a rule of the pack speak which did not. */
  readonly localRules?: readonly LocalRule[];
  /** One step up or down by rule id. Never of a rule whose red is fixed by law. */
  readonly levels?: Readonly<Record<string, 'raise' | 'lower'>>;
}

/**
 * A hospital's own rule: where a word of each list stands in one sentence, asserted of the patient, the rule of the pack it adds to speaks,
 * with that rule's levels, law, questions and wording. It can only add (INV-13), and not to a rule whose red is fixed by law.
 */
export interface LocalRule {
  /** `L-` and capitals, digits or hyphens. */
  readonly id: string;
  /** The rule of the pack that speaks. */
  readonly adds: string;
  /** One to four lists of words. */
  readonly words: readonly (readonly string[])[];
  /** Greatest distance in characters between the first and the last of the words; {@link LOCAL_WITHIN} where it is left out. */
  readonly within?: number;
}

/** Characters; a sentence of a note is seldom longer. */
const LOCAL_WITHIN = 40;
const LOCAL_ID = /^L-[A-Z0-9-]+$/;
const LISTS_MAX = 4;

const RAISED: Readonly<Record<Exclude<Level, 'none'>, Exclude<Level, 'none'>>> = { yellow: 'orange', orange: 'red', red: 'red' };
const LOWERED: Readonly<Record<Exclude<Level, 'none'>, Exclude<Level, 'none'>>> = { red: 'orange', orange: 'yellow', yellow: 'yellow' };
const REASON_MIN = 4;

/** The pack with the overlay's words and levels. @throws ZhidaError `ZD_ERR_OPTION_INVALID` for what it may not choose */
export function applyOverlay(pack: RulePack, { terms = {}, levels = {}, localRules = [] }: Overlay): RulePack {
  for (const id of Object.keys(terms)) {
    if (!pack.concepts.some((concept) => concept.id === id))
      throw refused('the overlay adds terms to a concept the pack does not have', 'terms');
    if (terms[id]?.some((term) => term.trim() === '') === true) throw refused('an added term is empty', 'terms');
  }
  refuseLowering(pack, Object.keys(terms));
  for (const id of Object.keys(levels)) {
    const rule = ruleOf(pack, id, 'levels');
    if (rule.statutory) throw refused('the level of a statutory rule cannot be moved', 'levels');
  }
  const local = localRules.map((rule, index) => compileLocal(pack, rule, `localRules[${index}]`));
  if (new Set(localRules.map(({ id }) => id)).size < localRules.length) throw refused('two local rules have one id', 'localRules');
  return {
    ...pack,
    concepts: [
      ...pack.concepts.map((concept) => ({ ...concept, terms: [...new Set([...concept.terms, ...(terms[concept.id] ?? [])])] })),
      ...local.flatMap(({ concepts }) => concepts),
    ],
    rules: pack.rules.map((rule) => ({
      ...rule,
      when: withLocal(
        rule.when,
        local.filter(({ adds }) => adds === rule.id).map(({ when }) => when),
      ),
      levels: move(rule.levels, levels[rule.id]),
    })),
  };
}

interface CompiledLocal {
  readonly adds: string;
  readonly concepts: readonly Concept[];
  readonly when: Condition;
}

function compileLocal(pack: RulePack, { id, adds, words, within = LOCAL_WITHIN }: LocalRule, at: string): CompiledLocal {
  if (!LOCAL_ID.test(id)) throw refused('the id of a local rule is L- and capitals, digits or hyphens', `${at}.id`);
  if (ruleOf(pack, adds, `${at}.adds`).statutory) throw refused('a local rule adds to no rule whose red is fixed by law', `${at}.adds`);
  if (words.length === 0 || words.length > LISTS_MAX || words.some((list) => list.length === 0))
    throw refused('a local rule has one to four lists of words', `${at}.words`);
  if (words.flat().some((word) => word.trim() === '')) throw refused('a word of a local rule is empty', `${at}.words`);
  if (!Number.isInteger(within) || within < 1) throw refused('the distance is a number of characters', `${at}.within`);
  const concepts = words.map((terms, index): Concept => ({ id: `${id}/${index + 1}`, kind: 'finding', terms }));
  const [first, second, ...others] = concepts.map((concept) => concept.id);
  const said: Condition =
    second === undefined ? { mention: first ?? '' } : { near: [first ?? '', second, ...others], within, scope: 'sentence' };
  return { adds, concepts, when: { all: [{ ageYears: { below: 18 } }, said] } };
}

function withLocal(when: Condition, local: readonly Condition[]): Condition {
  return local.length === 0 ? when : { any: [when, ...local] };
}

function refuseLowering(pack: RulePack, ids: readonly string[]): void {
  if (ids.length === 0) return;
  const lowering = loweringConcepts(pack);
  const id = ids.find((candidate) => lowering.has(candidate));
  if (id !== undefined) throw refused('words of this concept can only lower a rule whose red is fixed by law', `terms.${id}`);
}

/** The silent rules. @throws ZhidaError `ZD_ERR_OPTION_INVALID` for an unknown rule, or a statutory one without a reason */
export function readSilent(pack: RulePack, { silentRules = [], silentReasons = {} }: Overlay): ReadonlySet<string> {
  for (const id of silentRules) {
    const rule = ruleOf(pack, id, 'silentRules');
    if (rule.statutory && (silentReasons[id]?.trim().length ?? 0) < REASON_MIN)
      throw refused('a statutory rule is silent only with a recorded reason', 'silentReasons');
  }
  return new Set(silentRules);
}

function move(levels: readonly LevelChoice[], by: 'raise' | 'lower' | undefined): readonly LevelChoice[] {
  if (by === undefined) return levels;
  const table = by === 'raise' ? RAISED : LOWERED;
  return levels.map((choice) => ({ ...choice, level: table[choice.level] }));
}

function ruleOf(pack: RulePack, id: string, at: string): RulePack['rules'][number] {
  const rule = pack.rules.find((candidate) => candidate.id === id);
  if (rule === undefined) throw refused('the overlay names a rule the pack does not have', at);
  return rule;
}

function refused(message: string, at: string): ZhidaError {
  return new ZhidaError('ZD_ERR_OPTION_INVALID', message, { at });
}
