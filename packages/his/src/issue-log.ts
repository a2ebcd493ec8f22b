import type { Issue, IssueCode } from '@zhida/core';
import { HIS_LIMITS } from './limits.js';

/** Collects what could not be used. `at` is a place like `visits:13.性别 (patient.sex)`: names of the mapping, never a value. */
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
      if (issues.length < HIS_LIMITS.issues) issues.push({ code, severity, at });
      else if (issues.length === HIS_LIMITS.issues) issues.push({ code: 'ISSUES_TRUNCATED', severity: 'warning', at: '' });
    },
  };
}
