import type { EncounterSnapshot } from '@zhida/core';
import type { ConditionTrace, Explanation } from '@zhida/detect';
import { type Texts, fill } from '../locales/texts.js';
import { conditionName } from './condition-name.js';
import { labelOf } from './paths.js';

/** Why a rule kept silent about one encounter, line by line. */
export interface Silence {
  /** What stopped every rule, where something did. */
  readonly stopped: string;
  readonly lines: readonly { readonly depth: number; readonly holds: boolean; readonly text: string }[];
  /** Words of the rule that stand in the record, and why they do not count. */
  readonly words: readonly { readonly label: string; readonly text: string; readonly standing: string; readonly concept: string }[];
}

type Line = Silence['lines'][number];

const DEPTH_MAX = 5;
const NAMES_SHOWN = 3;

/** Says which parts of the condition failed, and which words were seen and could not count. */
export function explainSilence({ stoppedBy, condition, sightings }: Explanation, snapshot: EncounterSnapshot, texts: Texts): Silence {
  return {
    stopped: stoppedBy === null ? '' : texts.why.stopped[stoppedBy],
    lines: condition === null || stoppedBy !== null ? [] : failedLines(condition, 0, texts),
    words: sightings.map(({ at, text, standing, concept }) => ({
      label: labelOf(at, snapshot, texts),
      text,
      standing: texts.why.standings[standing],
      concept,
    })),
  };
}

/** Of an `all` only what failed matters; of an `any` every part did; of a score every part has its weight. */
function failedLines(trace: ConditionTrace, depth: number, texts: Texts): Line[] {
  if (trace.holds !== 'no') return [];
  const { condition, parts } = trace;
  const [only] = parts;
  // What only names or wraps one condition says nothing by itself.
  if (only !== undefined && parts.length === 1 && !('not' in condition) && !('fewerThan' in condition) && !('score' in condition))
    return failedLines(only, depth, texts);
  const line: Line = { depth, holds: false, text: nameOf(trace, texts) };
  if (depth >= DEPTH_MAX) return [line];
  if ('score' in condition) return [line, ...weightLines(trace, depth + 1, texts)];
  // A `not` failed because what it holds is true: there is nothing below it that failed.
  if ('not' in condition) return [line, ...parts.map((part) => ({ depth: depth + 1, holds: true, text: nameOf(part, texts) }))];
  return [line, ...partLines(trace, depth, texts)];
}

function partLines({ condition, parts }: ConditionTrace, depth: number, texts: Texts): Line[] {
  const failed = parts.filter(({ holds }) => holds === 'no');
  // Of many ways, those of which nothing was seen say nothing one by one.
  const told = 'any' in condition ? failed.filter(isTouched) : failed;
  const untouched = failed.length - told.length;
  const held = depth > 0 && 'all' in condition ? parts.filter(({ holds, evidence }) => holds === 'yes' && evidence.length > 0) : [];
  return [
    ...held.map((part) => ({ depth: depth + 1, holds: true, text: nameOf(part, texts) })),
    ...told.flatMap((part) => failedLines(part, depth + 1, texts)),
    ...(untouched > 0 && told.length > 0 ? [{ depth: depth + 1, holds: false, text: fill(texts.why.untouched, { n: untouched }) }] : []),
  ];
}

/** Some of what it asks for stands in the record. */
function isTouched({ evidence, parts }: ConditionTrace): boolean {
  return evidence.length > 0 || parts.some(isTouched);
}

function weightLines({ condition, parts }: ConditionTrace, depth: number, texts: Texts): Line[] {
  if (!('score' in condition)) return [];
  return parts.map((part, index) => ({
    depth,
    holds: part.holds === 'yes',
    text: `${fill(texts.why.weight, { n: condition.score[index]?.weight ?? 0 })}  ${nameOf(part, texts)}`,
  }));
}

function nameOf({ condition, parts }: ConditionTrace, texts: Texts): string {
  const { forms } = texts.why;
  if ('all' in condition) return forms.all;
  if ('any' in condition) return anyName(parts, texts);
  if ('not' in condition) return forms.not;
  if ('fewerThan' in condition) return fill(forms.fewerThan, { n: condition.fewerThan });
  if ('score' in condition) {
    const sum = condition.score.reduce((total, { weight }, index) => total + (parts[index]?.holds === 'yes' ? weight : 0), 0);
    return fill(forms.score, { sum, atLeast: condition.atLeast });
  }
  const [only] = parts;
  if (('use' in condition || 'context' in condition) && only !== undefined) return nameOf(only, texts);
  return conditionName(condition, texts);
}

/** What any of a few facts gives is named by the first of them. */
function anyName(parts: readonly ConditionTrace[], texts: Texts): string {
  const { forms, more } = texts.why;
  const { colon, separator } = texts.indication;
  const names = [...new Set(parts.map((part) => nameOf(mainFact(part), texts)))];
  const left = names.length - NAMES_SHOWN;
  return `${forms.any}${colon}${names.slice(0, NAMES_SHOWN).join(separator)}${left > 0 ? `${separator}${fill(more, { n: left })}` : ''}`;
}

/** The fact that tells one way from the others: not the age or sex it holds for. */
function mainFact(trace: ConditionTrace): ConditionTrace {
  const main = trace.parts.find(({ form }) => !form.startsWith('age') && form !== 'sex') ?? trace.parts[0];
  return main === undefined ? trace : mainFact(main);
}
