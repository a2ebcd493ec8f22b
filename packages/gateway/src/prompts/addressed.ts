import type { Clinician } from '../access/clinician.js';
import type { PromptRow } from './change.js';

/** The role in a token of whoever sits in the duty office (总值班): every prompt of the hospital is theirs too. */
const DUTY_OFFICE_ROLE = 'duty-office';

/**
 * Whether a prompt is for this clinician: whoever caused a revision, the treating department, 总值班. Where the HIS
 * does not say in which department a person works, or no feed says whom a prompt is for, everybody sees it: a prompt that
 * reaches nobody is worse than one that reaches a colleague.
 */
export function isAddressed(prompt: Pick<PromptRow, 'staff_ids' | 'departments'>, clinician: Clinician): boolean {
  const { staff_ids: staff, departments } = prompt;
  if (clinician.role === DUTY_OFFICE_ROLE || clinician.department === undefined || departments.length === 0) return true;
  return departments.includes(clinician.department) || staff.includes(clinician.staffId) || staff.includes(clinician.account);
}
