import { type IssueLog, createIssueLog as createLog } from '@zhida/core';
import { HL7_LIMITS } from './limits.js';

export type { IssueLog } from '@zhida/core';

/** Issues of one message, unless said otherwise. */
export function createIssueLog(max: number = HL7_LIMITS.issues): IssueLog {
  return createLog(max);
}
