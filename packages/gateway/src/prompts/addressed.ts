import { type RawBuilder, sql } from 'kysely';
import type { Clinician } from '../access/clinician.js';

/** The role in a token of whoever sits in the duty office (总值班): every prompt of the hospital is theirs too. */
const DUTY_OFFICE_ROLE = 'duty-office';

/**
 * The prompts that are for this clinician: whoever caused a revision, the treating department, 总值班. Where the HIS
 * does not say in which department a person works, or no feed says whom a prompt is for, everybody sees it: a prompt that
 * reaches nobody is worse than one that reaches a colleague. A condition on a row of `prompts`, so that a list is cut to its
 * length among the prompts of its reader and not among those of the whole hospital.
 */
export function isAddressedTo({ role, department, staffId, account }: Clinician): RawBuilder<boolean> {
  if (role === DUTY_OFFICE_ROLE || department === undefined) return sql<boolean>`true`;
  return sql<boolean>`(departments = '{}' or departments @> ${[department]}::text[] or staff_ids && ${[staffId, account]}::text[])`;
}
