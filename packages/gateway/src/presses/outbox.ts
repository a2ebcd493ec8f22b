import type { FastifyBaseLogger } from 'fastify';
import type { GatewayContext } from '../options.js';
import type { RelayClient } from '../relay-client.js';
import { sendHeldPresses } from './press.js';

export interface Outbox {
  start(): void;
  stop(): Promise<void>;
}

/** Keeps asking the relay to take what it has not taken yet. It never gives up and never dies of an error (INV-6). */
export function createOutbox(context: GatewayContext, relay: RelayClient, logger: FastifyBaseLogger): Outbox {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;

  async function run(): Promise<void> {
    try {
      await sendHeldPresses(context, relay);
    } catch (error) {
      logger.error({ err: error }, 'the outbox could not run; held presses stay and are tried again');
    }
    if (!stopped) timer = setTimeout(tick, context.settings.outboxSweepMs);
  }

  function tick(): void {
    running = run();
  }

  return {
    start: tick,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
