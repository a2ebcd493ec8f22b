/** Reasons not to report (moments S5). The first four are facts anybody can check. */
export const DECISION_CODES = [
  'wrong-patient',
  'over-18',
  'result-corrected',
  'coding-error',
  'clear-accident',
  'assessed-not-now',
] as const;
export type DecisionCode = (typeof DECISION_CODES)[number];

const FACTUAL_CODES: readonly DecisionCode[] = DECISION_CODES.slice(0, 4);

/** Red fixed by law leaves only factual reasons: nobody may find a pregnancy under 14 unconvincing (moments S5). */
export function decisionCodesFor(statutory: boolean): readonly DecisionCode[] {
  return statutory ? FACTUAL_CODES : DECISION_CODES;
}
