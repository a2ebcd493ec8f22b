import type { Issue, IssueCode } from '@zhida/core';
import { HL7_LIMITS } from './limits.js';

/** Collects what could not be used. `at` is a place in the message (`PID-7`, `OBX[3]-5`), never a value from it. */
export interface IssueLog {
  readonly issues: readonly Issue[];
  /** `severity` is a warning unless said otherwise. */
  add(code: IssueCode, at: string, severity?: Issue['severity']): void;
}

export function createIssueLog(max: number = HL7_LIMITS.issues): IssueLog {
  const issues: Issue[] = [];
  return {
    issues,
    add(code, at, severity = 'warning') {
      if (issues.length < max) issues.push({ code, severity, at });
      else if (issues.length === max) issues.push({ code: 'ISSUES_TRUNCATED', severity: 'warning', at: '' });
    },
  };
}
