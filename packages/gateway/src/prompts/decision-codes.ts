/** Reasons not to report. The first four are facts anybody can check, and so is the last: the police know already. */
export const DECISION_CODES = [
  'wrong-patient',
  'over-18',
  'result-corrected',
  'coding-error',
  'clear-accident',
  'assessed-not-now',
  'known-to-police',
] as const;
export type DecisionCode = (typeof DECISION_CODES)[number];

const FACTUAL_CODES: readonly DecisionCode[] = [...DECISION_CODES.slice(0, 4), 'known-to-police'];

/** Red fixed by law leaves only factual reasons: nobody may find a pregnancy under 14 unconvincing. */
export function decisionCodesFor(statutory: boolean): readonly DecisionCode[] {
  return statutory ? FACTUAL_CODES : DECISION_CODES;
}

/**
 * Why a prompt is put off: 先救治; 孩子有危险，先打110, which may always be said and does not count; 想先请教, which an orange prompt
 * alone takes and which does not count either.
 */
export const DEFERRAL_CODES = ['treat-first', 'danger-110', 'consult'] as const;
export type DeferralCode = (typeof DEFERRAL_CODES)[number];
