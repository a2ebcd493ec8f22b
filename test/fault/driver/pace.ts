import { setTimeout as delay } from 'node:timers/promises';

/** How a run waits; a test lets no time pass. */
export interface Pace {
  /** Milliseconds since whenever. */
  readonly now: () => number;
  /** Ends when the milliseconds have passed or the signal is given. */
  readonly delay: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export const REAL_PACE: Pace = {
  now: () => performance.now(),
  delay: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};
