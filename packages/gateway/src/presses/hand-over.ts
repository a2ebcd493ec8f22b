import { aboutError, isZhidaError } from '@zhida/core';
import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../context.js';
import { PressConflict } from '../problems.js';
import type { RelayAnswer, RelayClient } from '../relay-client.js';
import { type ReportNamed, reportNamedIn } from './answer.js';

/** A committed press the relay has not answered for. */
export interface HeldPress {
  readonly pressId: string;
  readonly ticket: string;
  readonly body: Uint8Array;
  readonly attempts: number;
}

/** The relay's answer, or why there is none yet: `no-answer`, `status-503`, the name of a fault of our own. */
export type HandedOver = { readonly answer: RelayAnswer } | { readonly answer: undefined; readonly problem: string };

/** The relay is away: whoever asks next waits as long. */
export const NO_ANSWER = 'no-answer';

/**
 * Hands one held press to the relay. Only an answer that names the report ends it; anything else leaves it held, to be
 * tried again (INV-2).
 *
 * @throws PressConflict when the relay holds another body under this key: the first report stands.
 */
export async function handOver(context: GatewayContext, relay: RelayClient, held: HeldPress, signal: AbortSignal): Promise<HandedOver> {
  let answer: RelayAnswer;
  try {
    answer = await relay.postReport(held, signal);
  } catch (error) {
    return postpone(context, held, isZhidaError(error) ? NO_ANSWER : aboutError(error).error);
  }
  const named = reportNamedIn(answer);
  if (named !== undefined && (answer.status === 200 || answer.status === 202)) {
    await recordSubmitted(context, held.pressId, named, answer);
    return { answer };
  }
  if (named !== undefined && answer.status === 409) {
    await recordConflict(context, held.pressId, named);
    throw new PressConflict({ pressId: held.pressId, ...named });
  }
  return postpone(context, held, `status-${answer.status}`);
}

async function recordSubmitted(context: GatewayContext, pressId: string, named: ReportNamed, answer: RelayAnswer): Promise<void> {
  await endHeld(context, pressId, 'press.submitted', named, { state: 'submitted', answer: answer.body });
}

async function recordConflict(context: GatewayContext, pressId: string, named: ReportNamed): Promise<void> {
  await endHeld(context, pressId, 'press.conflict', named, { state: 'conflict' });
}

async function endHeld(
  context: GatewayContext,
  pressId: string,
  action: 'press.submitted' | 'press.conflict',
  { reportId, number }: ReportNamed,
  set: { state: 'submitted' | 'conflict'; answer?: Uint8Array },
): Promise<void> {
  await context.database.db.transaction().execute(async (trx) => {
    const moved = await trx
      .updateTable('presses')
      .set({ ...set, report_id: reportId, number, last_problem: null, submitted_at: new Date(context.clock.now()) })
      .where('facility', '=', context.facility.code)
      .where('press_id', '=', pressId)
      .where('state', '=', 'held')
      .returning('press_id')
      .executeTakeFirst();
    // Request and outbox may both have asked; the relay told both the same.
    if (moved !== undefined) await recordAudit(trx, context, { actor: 'gateway', action, subject: { pressId, reportId } });
  });
  context.changes.publish();
}

/** Puts a held press off to the next rung of the ladder; the last rung repeats for ever. */
export async function postpone(
  context: GatewayContext,
  { pressId, attempts }: Pick<HeldPress, 'pressId' | 'attempts'>,
  problem: string,
): Promise<HandedOver> {
  const ladder = context.settings.outboxLadderMs;
  const pauseMs = ladder[Math.min(attempts, ladder.length - 1)] ?? 0;
  await context.database.db
    .updateTable('presses')
    .set({ attempts: attempts + 1, last_problem: problem, next_due_at: new Date(context.clock.now() + pauseMs) })
    .where('facility', '=', context.facility.code)
    .where('press_id', '=', pressId)
    .where('state', '=', 'held')
    .execute();
  return { answer: undefined, problem };
}
