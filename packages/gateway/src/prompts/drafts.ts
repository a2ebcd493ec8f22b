import { ZhidaError } from '@zhida/core';
import type { Transaction } from 'kysely';
import type { Clinician } from '../access/clinician.js';
import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../context.js';
import { eachReadable } from '../each-readable.js';
import type { GatewaySchema } from '../schema.js';
import { jsonBytes, textOf } from '../sealing.js';
import { lockAddressed } from './addressed.js';
import { pressIdOf } from './ticket.js';

/** A form as it was put aside; only the account that wrote it gets it back. */
export interface Draft {
  readonly savedAt: string;
  readonly form: unknown;
}

const placeOf = (promptId: string): string => `draft ${promptId}`;

/**
 * Keeps a form, sealed, over what the same person had put aside before.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND`; `ZD_ERR_CONFLICT` once that person has pressed: it would outlive the press it was for.
 */
export async function saveDraft(
  context: GatewayContext,
  promptId: string,
  clinician: Clinician,
  form: unknown,
): Promise<{ savedAt: string }> {
  const now = new Date(context.clock.now());
  const { wrapped, seal } = context.sealing.create();
  await context.database.db.transaction().execute(async (trx) => {
    await lockAddressed(trx, context, promptId, clinician);
    const pressed = await trx
      .selectFrom('presses')
      .select('press_id')
      .where('facility', '=', context.facility.code)
      .where('press_id', '=', pressIdOf(promptId, clinician.account))
      .executeTakeFirst();
    if (pressed !== undefined) throw new ZhidaError('ZD_ERR_CONFLICT', 'this person has pressed', { at: 'id' });
    const row = {
      wrapped_key: Buffer.from(wrapped),
      sealed_form: Buffer.from(seal(jsonBytes(form), placeOf(promptId))),
      saved_at: now,
    };
    await trx
      .insertInto('drafts')
      .values({ facility: context.facility.code, prompt_id: promptId, account: clinician.account, ...row })
      .onConflict((conflict) => conflict.columns(['facility', 'prompt_id', 'account']).doUpdateSet(row))
      .execute();
    await recordAudit(trx, context, {
      actor: 'clinician',
      action: 'draft.saved',
      subject: { promptId },
      detail: { account: clinician.account },
    });
  });
  return { savedAt: now.toISOString() };
}

/** This person's own drafts of these prompts. */
export async function draftsOf(context: GatewayContext, promptIds: readonly string[], account: string): Promise<Map<string, Draft>> {
  if (promptIds.length === 0) return new Map();
  const rows = await context.database.db
    .selectFrom('drafts')
    .selectAll()
    .where('facility', '=', context.facility.code)
    .where('account', '=', account)
    .where('prompt_id', 'in', promptIds)
    .execute();
  const drafts = await eachReadable(context, 'drafts', rows, (row): [string, Draft] => {
    const form: unknown = JSON.parse(textOf(context.sealing.open(row.wrapped_key, row.sealed_form, placeOf(row.prompt_id))));
    return [row.prompt_id, { savedAt: row.saved_at.toISOString(), form }];
  });
  return new Map(drafts);
}

/** The press is made: what was put aside for it goes, with its key. */
export async function dropDraft(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  { promptId, account }: { readonly promptId: string; readonly account: string },
): Promise<void> {
  await trx
    .deleteFrom('drafts')
    .where('facility', '=', context.facility.code)
    .where('prompt_id', '=', promptId)
    .where('account', '=', account)
    .execute();
}
