import { setTimeout as delay } from 'node:timers/promises';

/** A limit on a whole act, on the monotonic clock, that an abort signal may cut short. */
export interface Deadline {
  expired(): boolean;
  /** Waits, at most until the deadline. Rejects with the signal's reason when the act is aborted. */
  pause(milliseconds: number): Promise<void>;
}

/** Starts a deadline of so many milliseconds from now. */
export function startDeadline(milliseconds: number, signal?: AbortSignal): Deadline {
  const end = performance.now() + milliseconds;
  return {
    expired: () => performance.now() >= end,
    pause: async (pauseMs) => {
      signal?.throwIfAborted();
      await delay(Math.max(1, Math.min(pauseMs, end - performance.now())));
      signal?.throwIfAborted();
    },
  };
}
