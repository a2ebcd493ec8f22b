import { aboutError, isZhidaError } from '@zhida/core';
import type { FastifyBaseLogger } from 'fastify';
import type { Selectable } from 'kysely';
import type { GatewayContext } from '../context.js';
import type { RelayClient } from '../relay-client.js';
import type { PressTable } from '../schema.js';
import { handOver, NO_ANSWER, postpone } from './hand-over.js';
import { openPress } from './sealed-press.js';

/** Keeps asking the relay to take what it has not taken yet. It never gives up and never dies of an error (INV-6). */
export interface Outbox {
  /** Sends what is due, one press after the other, longest due first. @returns how many the relay took. */
  sendDue(signal: AbortSignal): Promise<number>;
}

type DuePress = Pick<Selectable<PressTable>, 'press_id' | 'wrapped_key' | 'sealed_body' | 'sealed_ticket' | 'attempts' | 'follows'>;

const BATCH = 50;
/** Nobody waits on the screen for these, so a slow relay is given longer. */
const PATIENCE = 3;
/** Of the attempts at one press the first is told and then one in so many: an hour on the last rung. */
const TOLD_EVERY = 60;
const BUSY_TOLD_EVERY_MS = 60_000;

export function createOutbox(context: GatewayContext, relay: RelayClient, logger: FastifyBaseLogger): Outbox {
  let busyToldMs = Number.NEGATIVE_INFINITY;

  /** Such a press comes again every second or so: a line a minute for all of them. */
  function tellBusy(problem: string): void {
    if (context.clock.now() - busyToldMs < BUSY_TOLD_EVERY_MS) return;
    busyToldMs = context.clock.now();
    logger.warn({ problem }, 'the relay takes no press now and asks for it again; what is held stays held');
  }

  async function send(row: DuePress, signal: AbortSignal): Promise<'sent' | 'away' | 'left'> {
    const { press_id: pressId, attempts, follows } = row;
    try {
      const timeout = AbortSignal.timeout(context.settings.relayAnswerMs * PATIENCE);
      const handed = await handOver(
        context,
        relay,
        { pressId, attempts, follows, ...openPress(context, pressId, row) },
        AbortSignal.any([signal, timeout]),
      );
      if (handed.answer === undefined) {
        const { problem, paced } = handed;
        if (paced) tellBusy(problem);
        else if (attempts % TOLD_EVERY === 1 && !signal.aborted)
          logger.warn({ pressId, attempts: attempts + 1, problem }, 'a press is still held');
        return problem === NO_ANSWER ? 'away' : 'left';
      }
      logger.info({ pressId, attempts: attempts + 1 }, 'a held press reached the relay');
      return 'sent';
    } catch (error) {
      if (isZhidaError(error) && error.code === 'ZD_ERR_IDEMPOTENCY_CONFLICT') {
        logger.error({ pressId }, 'the relay holds another report under the key of a held press; the first one stands');
        return 'left';
      }
      // It stays held and comes again; one press that cannot be opened must not keep the others waiting.
      logger.error({ pressId, ...aboutError(error) }, 'a held press could not be handed over');
      await postpone(context, { pressId, attempts }, isZhidaError(error) ? error.code : 'unexpected');
      return 'left';
    }
  }

  return {
    async sendDue(signal) {
      let sent = 0;
      for (const row of await duePresses(context)) {
        if (signal.aborted) break;
        const outcome = await send(row, signal);
        if (outcome === 'sent') sent += 1;
        // The others would wait as long, one after the other, and they have a next time; what the relay answered for holds up no other.
        if (outcome === 'away') break;
      }
      return sent;
    },
  };
}

async function duePresses(context: GatewayContext): Promise<DuePress[]> {
  return context.database.db
    .selectFrom('presses')
    .select(['press_id', 'wrapped_key', 'sealed_body', 'sealed_ticket', 'attempts', 'follows'])
    .where('facility', '=', context.facility.code)
    .where('state', '=', 'held')
    .where('next_due_at', '<=', new Date(context.clock.now()))
    .orderBy('next_due_at')
    .limit(BATCH)
    .execute();
}
