import { createHash } from 'node:crypto';
import { ZhidaError } from '@zhida/core';
import type { TicketClaims } from '@zhida/signing';
import type { Transaction } from 'kysely';
import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../options.js';
import { changePrompt } from '../prompts/upsert.js';
import type { RelayAnswer, RelayClient } from '../relay-client.js';
import type { GatewaySchema } from '../schema.js';

const BODY = 'press-body';
const TICKET = 'press-ticket';

export interface Press {
  readonly pressId: string;
  readonly ticket: string;
  readonly claims: TicketClaims;
  /** The bytes as the page sent them: they are what the relay hashes, so they are never parsed and written again. */
  readonly body: Uint8Array;
}

export type PressOutcome =
  | { readonly kind: 'answered'; readonly answer: RelayAnswer }
  | { readonly kind: 'held'; readonly pressId: string };

/**
 * Commits the press, then asks the relay. Whatever happens after the commit, the press is sent by the outbox:
 * a clinician is told `held` (已存在网关，尚未发出) and never `submitted` before the relay's own 202 (INV-1).
 */
export async function press(context: GatewayContext, relay: RelayClient, pressed: Press): Promise<PressOutcome> {
  await commitPress(context, pressed);
  return handOver(
    context,
    relay,
    { pressId: pressed.pressId, ticket: pressed.ticket, body: pressed.body, attempts: 0 },
    context.settings.relayAnswerMs,
  );
}

async function commitPress(context: GatewayContext, pressed: Press): Promise<void> {
  const now = new Date(context.clock.now());
  const bodySha256 = createHash('sha256').update(pressed.body).digest('hex');
  const { wrapped, seal } = context.sealing.create();
  await context.database.db.transaction().execute(async (trx) => {
    const inserted = await trx
      .insertInto('presses')
      .values({
        press_id: pressed.pressId,
        facility: context.facility.code,
        prompt_id: pressed.claims.promptId,
        account: pressed.claims.sub,
        body_sha256: bodySha256,
        wrapped_key: wrapped,
        sealed_body: seal(new TextDecoder().decode(pressed.body), BODY),
        sealed_ticket: seal(pressed.ticket, TICKET),
        state: 'held',
        report_id: null,
        answer: null,
        attempts: 0,
        last_problem: null,
        // The outbox leaves the first seconds to the request itself.
        next_due_at: new Date(now.getTime() + context.settings.relayAnswerMs + 1_000),
        pressed_at: now,
        submitted_at: null,
      })
      .onConflict((conflict) => conflict.columns(['facility', 'press_id']).doNothing())
      .returning('press_id')
      .executeTakeFirst();
    if (inserted === undefined) return refuseOtherBody(trx, context, pressed.pressId, bodySha256);
    if (pressed.claims.promptId !== null) await markReported(trx, context, pressed.claims.promptId, pressed.claims.sub);
    await recordAudit(trx, context, {
      actor: 'clinician',
      action: 'press.committed',
      subject: { pressId: pressed.pressId, bodySha256 },
      detail: { account: pressed.claims.sub },
    });
  });
}

async function refuseOtherBody(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  pressId: string,
  bodySha256: string,
): Promise<void> {
  const first = await trx
    .selectFrom('presses')
    .select('body_sha256')
    .where('facility', '=', context.facility.code)
    .where('press_id', '=', pressId)
    .executeTakeFirstOrThrow();
  if (first.body_sha256 !== bodySha256)
    throw new ZhidaError('ZD_ERR_IDEMPOTENCY_CONFLICT', 'this press was made with another body', { at: 'idempotency-key' });
}

async function markReported(trx: Transaction<GatewaySchema>, context: GatewayContext, promptId: string, account: string): Promise<void> {
  const prompt = await trx
    .selectFrom('prompts')
    .select(['id', 'version'])
    .where('id', '=', promptId)
    .where('facility', '=', context.facility.code)
    .forUpdate()
    .executeTakeFirst();
  if (prompt !== undefined)
    await changePrompt(trx, context, prompt, { kind: 'pressed', account, set: { state: 'reported', due_at: null } });
}

interface HeldPress {
  readonly pressId: string;
  readonly ticket: string;
  readonly body: Uint8Array;
  readonly attempts: number;
}

async function handOver(context: GatewayContext, relay: RelayClient, held: HeldPress, timeoutMs: number): Promise<PressOutcome> {
  let answer: RelayAnswer;
  try {
    answer = await relay.postReport(held, timeoutMs);
  } catch {
    await postpone(context, held, 'no answer');
    return { kind: 'held', pressId: held.pressId };
  }
  if (answer.status === 200 || answer.status === 202) {
    await recordSubmitted(context, held.pressId, answer);
    return { kind: 'answered', answer };
  }
  await postpone(context, held, `status ${answer.status}`);
  // 409 is an answer a person must see; every other refusal is ours to mend while the press waits.
  return answer.status === 409 ? { kind: 'answered', answer } : { kind: 'held', pressId: held.pressId };
}

async function recordSubmitted(context: GatewayContext, pressId: string, answer: RelayAnswer): Promise<void> {
  const { reportId } = JSON.parse(answer.body) as { reportId: string };
  const now = new Date(context.clock.now());
  await context.database.db.transaction().execute(async (trx) => {
    const moved = await trx
      .updateTable('presses')
      .set({ state: 'submitted', report_id: reportId, answer: answer.body, submitted_at: now, last_problem: null })
      .where('facility', '=', context.facility.code)
      .where('press_id', '=', pressId)
      .where('state', '=', 'held')
      .returning('press_id')
      .executeTakeFirst();
    if (moved === undefined) return;
    await recordAudit(trx, context, { actor: 'gateway', action: 'press.submitted', subject: { pressId, reportId } });
  });
}

async function postpone(context: GatewayContext, held: HeldPress, problem: string): Promise<void> {
  const ladder = context.settings.outboxLadderMs;
  const pauseMs = ladder[Math.min(held.attempts, ladder.length - 1)] ?? 60_000;
  await context.database.db
    .updateTable('presses')
    .set({ attempts: held.attempts + 1, last_problem: problem, next_due_at: new Date(context.clock.now() + pauseMs) })
    .where('facility', '=', context.facility.code)
    .where('press_id', '=', held.pressId)
    .where('state', '=', 'held')
    .execute();
}

/** Sends every held press that is due; one at a time, urgent by age. Returns how many the relay took. */
export async function sendHeldPresses(context: GatewayContext, relay: RelayClient): Promise<number> {
  const due = await context.database.db
    .selectFrom('presses')
    .select(['press_id', 'wrapped_key', 'sealed_body', 'sealed_ticket', 'attempts'])
    .where('facility', '=', context.facility.code)
    .where('state', '=', 'held')
    .where('next_due_at', '<=', new Date(context.clock.now()))
    .orderBy('pressed_at')
    .limit(50)
    .execute();
  let sent = 0;
  for (const row of due) {
    const held = {
      pressId: row.press_id,
      ticket: context.sealing.open(row.wrapped_key, row.sealed_ticket, TICKET),
      body: new TextEncoder().encode(context.sealing.open(row.wrapped_key, row.sealed_body, BODY)),
      attempts: row.attempts,
    };
    const outcome = await handOver(context, relay, held, context.settings.relayAnswerMs * 3);
    if (outcome.kind === 'answered' && outcome.answer.status !== 409) sent += 1;
  }
  return sent;
}
