import type { Worker } from 'bullmq';

/** Errors in one window that a worker may have before it rests. A flushed backend gives one for each job under way. */
const ERRORS_MAX = 40;
const REST_MS = 1_000;

/**
 * Lets a worker rest whose backend only gives errors. BullMQ asks again at once after every error that is not a refused
 * connection, so that a queue without its tables would keep the process busy, intake included, for ever.
 *
 * @param onRest is told of each rest.
 */
export function restOnErrors(worker: Pick<Worker, 'on' | 'once' | 'pause' | 'resume'>, onRest: () => void): void {
  let errors = 0;
  let timer: NodeJS.Timeout | undefined;
  let resting = false;

  function windowEnds(): void {
    timer = undefined;
    errors = 0;
    if (!resting) return;
    resting = false;
    void worker.resume();
  }

  worker.on('error', () => {
    errors += 1;
    timer ??= setTimeout(windowEnds, REST_MS);
    if (errors <= ERRORS_MAX || resting) return;
    resting = true;
    void worker.pause(true);
    onRest();
  });
  worker.once('closing', () => {
    clearTimeout(timer);
    resting = false;
  });
}
