import type { Issue, IssueCode } from './issue.js';

/** Collects what could not be used. `at` is a place in the input (`PID-7`, `entry[12].resource.code`), never a value from it. */
export interface IssueLog {
  readonly issues: readonly Issue[];
  /** `severity` is a warning unless said otherwise. */
  add(code: IssueCode, at: string, severity?: Issue['severity']): void;
}

/** Makes an empty log of at most `max` issues; after them stands one `ISSUES_TRUNCATED`. */
export function createIssueLog(max: number): IssueLog {
  const issues: Issue[] = [];
  return {
    issues,
    add(code, at, severity = 'warning') {
      if (issues.length < max) issues.push({ code, severity, at });
      else if (issues.length === max) issues.push({ code: 'ISSUES_TRUNCATED', severity: 'warning', at: '' });
    },
  };
}
