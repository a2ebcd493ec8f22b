import type { Issue, IssueCode } from '@zhida/core';

/** Issues of one bundle; after them one `ISSUES_TRUNCATED`. */
const ISSUES_MAX = 1_000;

/** Collects what could not be used. `at` is a path into the bundle, never a value from it. */
export interface IssueLog {
  readonly issues: readonly Issue[];
  /** `severity` is a warning unless said otherwise. */
  add(code: IssueCode, at: string, severity?: Issue['severity']): void;
}

export function createIssueLog(): IssueLog {
  const issues: Issue[] = [];
  return {
    issues,
    add(code, at, severity = 'warning') {
      if (issues.length < ISSUES_MAX) issues.push({ code, severity, at });
      else if (issues.length === ISSUES_MAX) issues.push({ code: 'ISSUES_TRUNCATED', severity: 'warning', at: '' });
    },
  };
}
