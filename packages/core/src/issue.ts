/** Codes of what a reader or the detector could not use. Each is documented in docs/reference; none carries a value. */
export type IssueCode =
  | 'FIELD_WRONG_TYPE'
  | 'FIELD_UNKNOWN_CODE'
  | 'FIELD_TOO_LONG'
  | 'FIELD_MISSING'
  | 'TIME_UNREADABLE'
  | 'TIME_WITHOUT_ZONE'
  | 'PERIOD_START_MISSING'
  | 'BIRTH_DATE_UNKNOWN'
  | 'BIRTH_DATE_PARTIAL'
  | 'BIRTH_DATE_CONFLICT'
  | 'BIRTH_DATE_IN_FUTURE'
  | 'IDENTIFIER_CHECK_FAILED'
  | 'SNAPSHOT_UNREADABLE'
  | 'RESOURCE_UNREADABLE'
  | 'REFERENCE_UNRESOLVED'
  | 'CONTENT_NOT_TEXT'
  | 'RULE_UNDECIDED'
  | 'WORK_LIMIT_REACHED'
  | 'DEPTH_LIMIT'
  | 'VALUE_DEFAULTED'
  | 'VALUE_UNREAD'
  | 'ATTACHMENT_PENDING'
  | 'PAPER_NUMBER_UNKNOWN'
  | 'PAPER_NUMBER_USED'
  | 'FACT_WITHDRAWN'
  | 'VALUE_NORMALISED'
  | 'TEXT_NOT_WELL_FORMED'
  | 'CHARSET_UNDECLARED'
  | 'CHARSET_MISDECLARED'
  | 'MESSAGE_UNREADABLE'
  | 'MESSAGE_IGNORED'
  | 'SEGMENT_UNREADABLE'
  | 'ISSUES_TRUNCATED';

/** Something in the data could not be used. It never stops the rest; `at` is a path into the input, never a value from it. */
export interface Issue {
  readonly code: IssueCode;
  readonly severity: 'information' | 'warning' | 'error';
  readonly at: string;
}
