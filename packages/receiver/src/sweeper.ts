import { problemOf } from '@zhida/core';
import type { ReceiverLogger } from './logger.js';
import type { FlushResult } from './outbox.js';

export interface SweeperOptions {
  readonly sweep: () => Promise<FlushResult>;
  readonly everyMs: number;
  readonly logger: ReceiverLogger;
}

/** Runs one sweep at a time, on a timer and on demand. */
export interface Sweeper {
  /** Sweeps now, after the sweep under way. */
  run(): Promise<FlushResult>;
  /** Asks for a sweep soon, if started. */
  wake(): void;
  start(): void;
  stop(): Promise<void>;
}

export function createSweeper({ sweep, everyMs, logger }: SweeperOptions): Sweeper {
  let timer: NodeJS.Timeout | undefined;
  let started = false;
  let last: Promise<unknown> = Promise.resolve();

  const run = (): Promise<FlushResult> => {
    const next = last.then(sweep);
    last = next.catch(() => undefined);
    return next;
  };
  /** A sweep that fails is logged and tried again: the loop itself never ends by an error. */
  const tick = async (): Promise<void> => {
    try {
      await run();
    } catch (error) {
      logger.error({ code: problemOf(error).code }, 'outbox sweep failed');
    }
    schedule(everyMs);
  };
  const schedule = (delayMs: number): void => {
    if (!started) return;
    clearTimeout(timer);
    timer = setTimeout(() => void tick(), delayMs);
  };
  return {
    run,
    wake: () => schedule(0),
    start: () => {
      if (started) return;
      started = true;
      schedule(0);
    },
    stop: async () => {
      started = false;
      clearTimeout(timer);
      await last;
    },
  };
}
