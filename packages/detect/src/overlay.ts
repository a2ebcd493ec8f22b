import { ZhidaError } from '@zhida/core';
import type { Level, LevelChoice, RulePack } from '@zhida/packs';
import { loweringConcepts } from './rules/lowering.js';

/** A hospital's own choices over a pack: words its staff use, rules that do not prompt, levels one step off. */
export interface Overlay {
  /** More terms by concept id. Not of a concept whose words can only lower a rule whose red is fixed by law (疑似 is no question). */
  readonly terms?: Readonly<Record<string, readonly string[]>>;
  /** Rules that are assessed and counted but do not prompt. One whose red is fixed by law needs a reason in `silentReasons`. */
  readonly silentRules?: readonly string[];
  /** Why a rule fixed by law is silent, by rule id; it goes on record with the overlay. */
  readonly silentReasons?: Readonly<Record<string, string>>;
  /** One step up or down by rule id. Never of a rule whose red is fixed by law. */
  readonly levels?: Readonly<Record<string, 'raise' | 'lower'>>;
}

const RAISED: Readonly<Record<Exclude<Level, 'none'>, Exclude<Level, 'none'>>> = { yellow: 'orange', orange: 'red', red: 'red' };
const LOWERED: Readonly<Record<Exclude<Level, 'none'>, Exclude<Level, 'none'>>> = { red: 'orange', orange: 'yellow', yellow: 'yellow' };
const REASON_MIN = 4;

/** The pack with the overlay's words and levels. @throws ZhidaError `ZD_ERR_OPTION_INVALID` for what it may not choose */
export function applyOverlay(pack: RulePack, { terms = {}, levels = {} }: Overlay): RulePack {
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
  return {
    ...pack,
    concepts: pack.concepts.map((concept) => ({ ...concept, terms: [...new Set([...concept.terms, ...(terms[concept.id] ?? [])])] })),
    rules: pack.rules.map((rule) => ({ ...rule, levels: move(rule.levels, levels[rule.id]) })),
  };
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
