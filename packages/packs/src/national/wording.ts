import type { QuestionSets, RuleWording } from '../wording.js';
import questions from './questions.data.json' with { type: 'json' };
import wording from './wording.data.json' with { type: 'json' };

type Tables = typeof wording;

/** A rule's wording as the data has it: a sentence that many rules share stands once, and each of them names it. */
interface NamedWording extends Omit<RuleWording, 'why' | 'doNow' | 'preserve'> {
  readonly why: keyof Tables['why'];
  readonly doNow: keyof Tables['doNow'];
  readonly preserve: readonly (keyof Tables['preserve'])[];
}

function spellOut({ why, doNow, preserve, ...own }: NamedWording): RuleWording {
  return {
    ...own,
    why: wording.why[why],
    doNow: wording.doNow[doNow],
    preserve: preserve.map((name) => wording.preserve[name]),
  };
}

function everyWording(): Record<string, RuleWording> {
  const named = wording.rules as unknown as Readonly<Record<string, NamedWording>>;
  return Object.fromEntries(Object.entries(named).map(([id, own]) => [id, spellOut(own)]));
}

/** Clinical wording by rule id. The mark lets a bundle that shows no wording leave it out. */
export const nationalWording: Readonly<Record<string, RuleWording | undefined>> = /* @__PURE__ */ everyWording();

export const nationalQuestions: QuestionSets = questions;
