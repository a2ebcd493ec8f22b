import { ZhidaError } from '@zhida/core';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Clinician } from '../access/clinician.js';
import type { GatewayContext } from '../context.js';
import type { AssessedVisit } from '../encounters/store.js';
import type { GatewaySchema } from '../schema.js';
import type { PromptRow } from './change.js';

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

/**
 * Locks a prompt that is for this clinician. A press and a decision hold it too: they find what is written under the lock, or it finds them.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND`
 */
export async function lockAddressed(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  id: string,
  clinician: Clinician,
): Promise<PromptRow> {
  const prompt = await trx
    .selectFrom('prompts')
    .selectAll()
    .where('facility', '=', context.facility.code)
    .where('id', '=', id)
    .where(isAddressedTo(clinician))
    .forUpdate()
    .executeTakeFirst();
  if (prompt === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such prompt', { at: 'id' });
  return prompt;
}

const NAME_LENGTH_MAX = 200;

/** A prompt is for whoever caused the revision and for the treating department. */
export function addresseesOf({ snapshot }: AssessedVisit, known: Pick<PromptRow, 'staff_ids' | 'departments'>) {
  const { event, department } = snapshot;
  return {
    staff_ids: namesOnce(known.staff_ids, [event?.staffId]),
    departments: namesOnce(known.departments, [department?.code, department?.name]),
  };
}

/** Names as a text column takes them: PostgreSQL has no NUL. */
function namesOnce(known: readonly string[], added: readonly (string | undefined)[]): string[] {
  const clean = added.map((name) => (name ?? '').replaceAll('\0', '').trim().slice(0, NAME_LENGTH_MAX)).filter((name) => name !== '');
  return [...new Set([...known, ...clean])];
}
