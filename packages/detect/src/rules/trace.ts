import type { Condition } from '@zhida/packs';
import type { Evidence } from '../assessment.js';
import type { Facts } from '../facts/facts.js';
import { compileCondition } from './conditions.js';
import { type Sources, type Truth, emptyTrace } from './test.js';

/** What one part of a condition answered about one encounter. */
export interface ConditionTrace {
  /** The form of the condition as the pack writes it: `all`, `any`, `mention`, `ageYears`. */
  readonly form: string;
  /** The condition itself. */
  readonly condition: Condition;
  /** `possible` where only an age that is not known well enough stands in the way. */
  readonly holds: 'yes' | 'possible' | 'no';
  readonly evidence: readonly Evidence[];
  readonly parts: readonly ConditionTrace[];
}

export type Tracer = (facts: Facts) => ConditionTrace;

const HOLDS: Readonly<Record<Truth, ConditionTrace['holds']>> = { 0: 'no', 1: 'possible', 2: 'yes' };

/**
 * Compiles a condition and each of its parts, so that every part can be asked by itself. They are compiled as the rules are: what a
 * trace says is what the assessment asked, not a second reading of the rule.
 */
export function compileTracer(condition: Condition, sources: Sources, at: string): Tracer {
  const test = compileCondition(condition, sources, at);
  const tracers = partsOf(condition, sources).map((part) => compileTracer(part, sources, at));
  const form = Object.keys(condition)[0] ?? '';
  return (facts) => {
    const trace = emptyTrace();
    const holds = HOLDS[test(facts, trace)];
    const parts = tracers.map((tracer) => tracer(facts));
    return { form, condition, holds, evidence: trace.evidence, parts };
  };
}

function partsOf(condition: Condition, { pack }: Sources): readonly Condition[] {
  if ('all' in condition) return condition.all;
  if ('any' in condition) return condition.any;
  if ('score' in condition) return condition.score.map(({ when }) => when);
  if ('context' in condition) return [condition.context];
  if ('not' in condition) return [condition.not];
  if ('fewerThan' in condition) return [condition.of];
  if ('use' in condition) return [pack.conditions[condition.use]].filter((part) => part !== undefined);
  return [];
}
