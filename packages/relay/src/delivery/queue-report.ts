import type { Clock } from '@zhida/core';
import type { Logger } from 'pino';

/** What the log says of a queue that is away or complains: a line when it begins, one a minute while it lasts, one when it is over. */
export interface QueueReport {
  /** It did not take these wake-ups. */
  away(count: number): void;
  /** It took what it was given. */
  takes(): void;
  complains(error: { readonly error: string; readonly code: string | undefined }): void;
}

const SAY_AGAIN_MS = 60_000;

export function createQueueReport(log: Logger, clock: Clock): QueueReport {
  const sayAway = sparingly(clock);
  const sayComplaint = sparingly(clock);
  let isAway = false;
  return {
    away(count) {
      isAway = true;
      sayAway((unsaid) => log.warn({ count, unsaid }, 'the queue is away; the sweep delivers in this process'));
    },
    takes() {
      if (isAway) sayAway.over(() => log.info('the queue takes wake-ups again'));
      isAway = false;
    },
    complains(error) {
      sayComplaint((unsaid) => log.warn({ ...error, unsaid }, 'the queue complains; the sweep delivers without it'));
    },
  };
}

interface Sparingly {
  (say: (unsaid: number) => void): void;
  /** Says the end of what was said; of what was not said it says none. */
  over(say: () => void): void;
}

/** Passes on what is said at most once a minute, with how often it went unsaid since. */
function sparingly(clock: Clock): Sparingly {
  let saidAt: number | undefined;
  let unsaid = 0;
  let open = false;
  const speak = (say: (unsaid: number) => void): void => {
    const now = clock.now();
    // The clock may also have been put back.
    if (saidAt !== undefined && Math.abs(now - saidAt) < SAY_AGAIN_MS) {
      unsaid += 1;
      return;
    }
    say(unsaid);
    [saidAt, unsaid, open] = [now, 0, true];
  };
  return Object.assign(speak, {
    over(say: () => void) {
      if (open) say();
      open = false;
    },
  });
}
