import { aboutError, isZhidaError } from '@zhida/core';
import { sha256Hex } from '@zhida/signing';
import type { Transaction } from 'kysely';
import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../context.js';
import { PressConflict } from '../problems.js';
import type { RelayAnswer, RelayClient } from '../relay-client.js';
import type { GatewaySchema } from '../schema.js';
import { bodyInChain } from './chain-body.js';
import { type ReportNamed, reportNamedIn } from './answer.js';
import { isRefusal, promptOfTaken, recordRefused } from './refused.js';

/** A committed press the relay has not answered for. */
export interface HeldPress {
  readonly pressId: string;
  readonly ticket: string;
  readonly body: Uint8Array;
  readonly attempts: number;
  /** The press of the first report of its case; null for a first report. */
  readonly follows: string | null;
}

/** The relay's answer, or why there is none yet: `no-answer`, `status-503`, the name of a fault of our own. */
export type HandedOver =
  | { readonly answer: RelayAnswer }
  | {
      readonly answer: undefined;
      readonly problem: string;
      /** The relay has said when it is to be asked again. */
      readonly paced: boolean;
    };

/** The relay is away: whoever asks next waits as long. */
export const NO_ANSWER = 'no-answer';
/** The relay has not taken the first report of the case yet; it goes out when that has a place to follow. */
const FIRST_HELD = 'first-held';

/**
 * Hands one held press to the relay. Only an answer that names the report ends it; anything else leaves it held, to be
 * tried again (INV-2).
 *
 * @throws PressConflict when the relay holds another body under this key: the first report stands.
 */
export async function handOver(context: GatewayContext, relay: RelayClient, held: HeldPress, signal: AbortSignal): Promise<HandedOver> {
  const body = held.follows === null ? held.body : await bodyInChain(context, { body: held.body, follows: held.follows });
  if (body === undefined) return postpone(context, held, FIRST_HELD);
  let answer: RelayAnswer;
  try {
    answer = await relay.postReport({ ...held, body }, signal);
  } catch (error) {
    return postpone(context, held, isZhidaError(error) ? NO_ANSWER : aboutError(error).error);
  }
  const named = reportNamedIn(answer);
  if (named !== undefined && (answer.status === 200 || answer.status === 202)) {
    await endHeld(context, held, 'press.submitted', named, { state: 'submitted', answer: answer.body });
    return { answer };
  }
  if (named !== undefined && answer.status === 409) {
    await endHeld(context, held, 'press.conflict', named, { state: 'conflict' });
    throw new PressConflict({ pressId: held.pressId, ...named });
  }
  const problem = `status-${answer.status}`;
  if (answer.status === 503 && answer.retryAfterSeconds !== undefined) return waitAsAsked(context, held, problem, answer.retryAfterSeconds);
  if (isRefusal(answer.status)) await recordRefused(context, held, problem);
  return postpone(context, held, problem);
}

async function endHeld(
  context: GatewayContext,
  { pressId, body, attempts }: HeldPress,
  action: 'press.submitted' | 'press.conflict',
  { reportId, number }: ReportNamed,
  set: { state: 'submitted' | 'conflict'; answer?: Uint8Array },
): Promise<void> {
  await context.database.db.transaction().execute(async (trx) => {
    const moved = await trx
      .updateTable('presses')
      .set({ ...set, report_id: reportId, number, last_problem: null, refused_at: null, submitted_at: new Date(context.clock.now()) })
      .where('facility', '=', context.facility.code)
      .where('press_id', '=', pressId)
      .where('state', '=', 'held')
      // Pressed again with other words while these were on their way: those are sent too, and the relay says which stand.
      .where('body_sha256', '=', sha256Hex(body))
      .returning('prompt_id')
      .executeTakeFirst();
    // Request and outbox may both have asked; the relay told both the same.
    if (moved === undefined) return;
    await wakeFollowing(trx, context, pressId);
    await recordAudit(trx, context, { actor: 'gateway', action, subject: { pressId, reportId } });
    // What is taken at the first attempt was never refused.
    if (attempts > 0 && moved.prompt_id !== null) await promptOfTaken(trx, context, moved.prompt_id);
  });
  context.changes.publish();
}

/** What has waited for the first report of its case waits no longer. */
async function wakeFollowing(trx: Transaction<GatewaySchema>, { facility, clock }: GatewayContext, pressId: string): Promise<void> {
  await trx
    .updateTable('presses')
    .set({ next_due_at: new Date(clock.now()) })
    .where('facility', '=', facility.code)
    .where('follows', '=', pressId)
    .where('state', '=', 'held')
    .execute();
}

/** Most seconds a press waits because the relay asks for it: the last rung of the ladder. */
const ASKED_SECONDS_MAX = 60;

/**
 * A relay that has no place for a press is there, and says when it looks for one again. The ladder is for one that is away: a press that
 * climbed it would come too seldom to find a place while new ones take them all.
 */
async function waitAsAsked(context: GatewayContext, held: HeldPress, problem: string, seconds: number): Promise<HandedOver> {
  await putOff(context, held, { last_problem: problem }, Math.min(Math.max(seconds, 1), ASKED_SECONDS_MAX) * 1000);
  return { answer: undefined, problem, paced: true };
}

/** Puts a held press off to the next rung of the ladder; the last rung repeats for ever. */
export async function postpone(
  context: GatewayContext,
  held: Pick<HeldPress, 'pressId' | 'attempts'>,
  problem: string,
): Promise<HandedOver> {
  const ladder = context.settings.outboxLadderMs;
  const pauseMs = ladder[Math.min(held.attempts, ladder.length - 1)] ?? 0;
  await putOff(context, held, { attempts: held.attempts + 1, last_problem: problem }, pauseMs);
  return { answer: undefined, problem, paced: false };
}

async function putOff(
  context: GatewayContext,
  { pressId }: Pick<HeldPress, 'pressId'>,
  set: { readonly attempts?: number; readonly last_problem: string },
  pauseMs: number,
): Promise<void> {
  await context.database.db
    .updateTable('presses')
    .set({ ...set, next_due_at: new Date(context.clock.now() + pauseMs) })
    .where('facility', '=', context.facility.code)
    .where('press_id', '=', pressId)
    .where('state', '=', 'held')
    .execute();
}
