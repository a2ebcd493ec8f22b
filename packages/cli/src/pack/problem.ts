/** What is wrong with a pack or an overlay. The codes are stable; `at` names the member, `overlay.terms.C-HIT[0]` or `cases:3`. */
export interface Problem {
  readonly code: ProblemCode;
  /** An error keeps the pack from being used or a case from holding; a warning is something to look at. */
  readonly severity: 'error' | 'warning';
  readonly at: string;
  readonly message: string;
}

export type ProblemCode =
  | 'WRONG_TYPE'
  | 'UNKNOWN_MEMBER'
  | 'UNKNOWN_REFERENCE'
  | 'OUT_OF_BOUNDS'
  | 'DIGEST_WRONG'
  | 'DATE_WRONG'
  | 'DOES_NOT_COMPILE'
  | 'REPEATED'
  | 'UNUSED'
  | 'TERM_EMPTY'
  | 'TERM_TOO_SHORT'
  | 'TERM_KNOWN'
  | 'NO_LEGAL_BASIS'
  | 'LAW_NOT_VERIFIED'
  | 'NO_SOURCE'
  | 'NO_REVIEW'
  | 'NO_WORDING'
  | 'NO_CASES'
  | 'CASE_UNREADABLE'
  | 'CASE_FAILED';

export function error(code: ProblemCode, at: string, message: string): Problem {
  return { code, severity: 'error', at, message };
}

export function warning(code: ProblemCode, at: string, message: string): Problem {
  return { code, severity: 'warning', at, message };
}
