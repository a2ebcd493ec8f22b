import type { LocalText } from './rule-pack.js';

/** What a clinician reads of a rule beside its summary: why it matters in law, what to do now, what to keep and until when. */
export interface RuleWording {
  /** What was found, where the few words of the rule's summary do not say all of it. */
  readonly found?: LocalText;
  readonly why: LocalText;
  readonly doNow: LocalText;
  readonly preserve: readonly { readonly text: LocalText; readonly deadlineHours: number }[];
  /** Id of a set of {@link QuestionSets}, `none` where no question is asked before a report. */
  readonly questionSet: string;
}

/** What one question of a set asks, and what each answer means, so that nobody has to guess which way 异常 points. */
export interface Question {
  readonly id: string;
  /** May have the place `{reckoned}`: what the assessment reckons of the answer; it is asked only where something is reckoned. */
  readonly text: LocalText;
  /** What 正常 says to it. */
  readonly normal: LocalText;
  /** What 异常 says to it: the answer that speaks for a report. */
  readonly abnormal: LocalText;
}

/** The questions of an orange prompt, by family of rules. */
export type QuestionSets = Readonly<Record<string, readonly Question[]>>;
