import type { NoteSection } from '@zhida/core';

export type LocaleName = 'zh' | 'en';

/** Every word the gateway itself puts into a prompt; what a rule says is pack data. */
export interface PromptTexts {
  readonly notKnown: string;
  /** Before whoever is a patient of an exercise. */
  readonly exercise: string;
  readonly ageUnknown: string;
  readonly ageYears: string;
  readonly ageMonths: string;
  readonly ageDays: string;
  readonly valueSeparator: string;
  readonly lineSeparator: string;
  readonly ellipsis: string;
  readonly evidence: {
    readonly notes: Readonly<Record<NoteSection, string>>;
    readonly observations: string;
    readonly conditions: string;
    readonly procedures: string;
    readonly orders: string;
    readonly medications: string;
    readonly birthDate: string;
    readonly statedAge: string;
    readonly identifiers: string;
    readonly other: string;
  };
  /** Authors of notes that feeds name by a code; any other is shown as it came. */
  readonly authors: Readonly<Record<string, string>>;
  readonly bornUnderFourteen: string;
  /** What is reckoned of the age at conception. */
  readonly conception: { readonly before: string; readonly after: string; readonly uncertain: string; readonly unknown: string };
  readonly yes: string;
  readonly no: string;
}
