/** A task that repeats with a pause between its runs. */
export interface Loop {
  start(): void;
  /** Waits for the run under way. */
  stop(): Promise<void>;
}

export interface LoopOptions {
  readonly pauseMs: number;
  /** The signal fires when the loop is stopped. */
  readonly task: (signal: AbortSignal) => Promise<unknown>;
  /** Told of the first failure of a series and then of one in sixty, so that a database that is away does not fill the disk with lines. */
  readonly onFailure: (error: unknown, timesInARow: number) => void;
}

const TOLD_EVERY = 60;

/** Runs a task for ever: a failed run is told, and the next one comes all the same. */
export function createLoop({ pauseMs, task, onFailure }: LoopOptions): Loop {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let ending = new AbortController();
  let failures = 0;

  async function run(signal: AbortSignal): Promise<void> {
    try {
      await task(signal);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!signal.aborted && failures % TOLD_EVERY === 1) onFailure(error, failures);
    }
    if (!signal.aborted) timer = setTimeout(() => tick(signal), pauseMs);
  }

  function tick(signal: AbortSignal): void {
    running = run(signal);
  }

  return {
    start() {
      if (running !== undefined) return;
      ending = new AbortController();
      tick(ending.signal);
    },
    async stop() {
      ending.abort();
      clearTimeout(timer);
      await running;
      running = undefined;
    },
  };
}
