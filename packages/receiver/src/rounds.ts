export interface RoundsOptions {
  readonly run: () => Promise<unknown>;
  /** From the end of one round to the beginning of the next. */
  readonly everyMs: number;
  /** A round that fails is told of, and the next one comes all the same. */
  readonly failed: (error: unknown) => void;
}

/** The same work again and again, one round after the other. */
export interface Rounds {
  /** Begins at once; does nothing where it has begun. */
  start(): void;
  /** Begins no other round; resolves when the one under way is over. */
  stop(): Promise<void>;
}

export function createRounds({ run, everyMs, failed }: RoundsOptions): Rounds {
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<unknown> = Promise.resolve();

  function schedule(delayMs: number): void {
    timer = setTimeout(() => {
      round = run()
        .catch(failed)
        .finally(() => {
          if (timer !== undefined) schedule(everyMs);
        });
    }, delayMs);
  }

  return {
    start: () => {
      if (timer === undefined) schedule(0);
    },
    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await round;
    },
  };
}
