import { sha256Hex } from '@zhida/signing';
import type { Transaction } from 'kysely';
import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../context.js';
import { changePrompt, lockPrompt } from '../prompts/change.js';
import { UNANSWERED } from '../prompts/states.js';
import type { GatewaySchema } from '../schema.js';

/** Answers of the 400s that say no more than "later": a time-out, too early, too many at once. */
const LATER: readonly number[] = [408, 425, 429];

/** The relay has read the request and will not have it. It may have it later, once somebody has put right what is wrong. */
export function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && !LATER.includes(status);
}

/**
 * Writes down that the relay refuses a press, and lets its prompt ask again: whoever pressed may have left, and the next
 * person at this visit is to see that nothing has been sent. The press itself stays held and is tried again (INV-2).
 */
export async function recordRefused(
  context: GatewayContext,
  { pressId, body }: { readonly pressId: string; readonly body: Uint8Array },
  problem: string,
): Promise<void> {
  await context.database.db.transaction().execute(async (trx) => {
    const refused = await trx
      .updateTable('presses')
      .set({ refused_at: new Date(context.clock.now()) })
      .where('facility', '=', context.facility.code)
      .where('press_id', '=', pressId)
      .where('state', '=', 'held')
      .where('refused_at', 'is', null)
      .where('body_sha256', '=', sha256Hex(body))
      .returning('prompt_id')
      .executeTakeFirst();
    if (refused === undefined) return;
    await recordAudit(trx, context, { actor: 'gateway', action: 'press.refused', subject: { pressId, code: problem } });
    if (refused.prompt_id !== null) await askAgain(trx, context, refused.prompt_id, problem);
  });
  context.changes.publish();
}

/** A prompt asks again when no press of it is left that the relay has, or may still take without a person. */
async function askAgain(trx: Transaction<GatewaySchema>, context: GatewayContext, promptId: string, code: string): Promise<void> {
  const prompt = await lockPrompt(trx, context, promptId);
  if (prompt?.state !== 'reported') return;
  const other = await trx
    .selectFrom('presses')
    .select('press_id')
    .where('facility', '=', context.facility.code)
    .where('prompt_id', '=', promptId)
    .where('refused_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (other !== undefined) return;
  await changePrompt(trx, context, prompt.id, { kind: 'refused', account: null, code, set: { state: 'shown', due_at: null } });
}

/** The relay has taken what it refused before: the prompt that asks again is a reported one. */
export async function promptOfTaken(trx: Transaction<GatewaySchema>, context: GatewayContext, promptId: string): Promise<void> {
  const prompt = await lockPrompt(trx, context, promptId);
  if (prompt === undefined || !(UNANSWERED as readonly string[]).includes(prompt.state)) return;
  await changePrompt(trx, context, prompt.id, { kind: 'submitted', account: null, set: { state: 'reported', due_at: null } });
}

/** A press the relay refuses, as anybody in the hospital may know of it: nothing of the child, nothing of who pressed. */
export interface RefusedPress {
  readonly pressId: string;
  readonly pressedAt: string;
  /** `status-401` and the like: what the relay answered. */
  readonly problem: string;
}

const LISTED_MAX = 100;

/**
 * Refused presses that no prompt can tell of: those of reports a person began. Longest waiting first. One of an exercise is not among
 * them: after its window nobody can press it again, and nobody is owed it.
 */
export async function refusedWithoutPrompt(context: GatewayContext): Promise<RefusedPress[]> {
  const rows = await context.database.db
    .selectFrom('presses')
    .select(['press_id', 'pressed_at', 'last_problem'])
    .where('facility', '=', context.facility.code)
    .where('state', '=', 'held')
    .where('refused_at', 'is not', null)
    .where('exercise', '=', false)
    .where((where) =>
      where.not(where.exists(where.selectFrom('prompts').select('prompts.id').whereRef('prompts.id', '=', 'presses.prompt_id'))),
    )
    .orderBy('pressed_at')
    .limit(LISTED_MAX)
    .execute();
  return rows.map(({ press_id: pressId, pressed_at: at, last_problem: problem }) => ({
    pressId,
    pressedAt: at.toISOString(),
    problem: problem ?? '',
  }));
}
