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

/** The questions of an orange prompt, by family of rules. Each is worded so that a yes or no tells 正常 from 异常. */
export type QuestionSets = Readonly<Record<string, readonly { readonly id: string; readonly text: LocalText }[]>>;
