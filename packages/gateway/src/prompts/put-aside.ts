import type { Transaction } from 'kysely';
import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../context.js';
import type { GatewaySchema } from '../schema.js';

/** What a person leaves on a prompt, a sealed row by prompt and account, and what the log calls it. */
const PUT_ASIDE = { drafts: 'draft', prompt_answers: 'answers', prompt_told: 'told' } as const;
type PutAside = keyof typeof PUT_ASIDE;

const DAY_MS = 86_400_000;

/** The prompt is another child's now: what anybody had written or answered meant the one before. */
export async function dropPutAside(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  table: PutAside,
  promptId: string,
): Promise<void> {
  const dropped = await trx
    .deleteFrom(table)
    .where('facility', '=', context.facility.code)
    .where('prompt_id', '=', promptId)
    .returning('account')
    .execute();
  for (const { account } of dropped)
    await recordAudit(trx, context, {
      actor: 'gateway',
      action: `${PUT_ASIDE[table]}.dropped`,
      subject: { promptId },
      detail: { account },
    });
}

/** Erases what is as old as the visits it speaks of; what stands with a decision or a press stays there. @returns how many */
export async function purgePutAside(trx: Transaction<GatewaySchema>, context: GatewayContext, table: PutAside): Promise<number> {
  const before = new Date(context.clock.now() - context.settings.keepSnapshotDays * DAY_MS);
  const erased = await trx
    .deleteFrom(table)
    .where('facility', '=', context.facility.code)
    .where('saved_at', '<=', before)
    .returning('prompt_id')
    .execute();
  for (const { prompt_id: promptId } of erased)
    await recordAudit(trx, context, { actor: 'gateway', action: `${PUT_ASIDE[table]}.purged`, subject: { promptId } });
  return erased.length;
}
