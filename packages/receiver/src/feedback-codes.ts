import { CIVIL_AFFAIRS_FEEDBACK_CODES, type FeedbackCode, POLICE_FEEDBACK_CODES } from '@zhida/signing';

/** The codes a kind of agency may answer, in the order a screen offers them; a kind without a table of its own may use all. */
export function feedbackCodesFor(view: string): readonly FeedbackCode[] {
  if (view === 'police') return POLICE_FEEDBACK_CODES;
  if (view === 'civil-affairs') return CIVIL_AFFAIRS_FEEDBACK_CODES;
  return [...POLICE_FEEDBACK_CODES, ...CIVIL_AFFAIRS_FEEDBACK_CODES];
}
