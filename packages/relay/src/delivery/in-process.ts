/** Runs the worker in this process with a bound on how many attempts are under way; an id that waits, or whose worker looks for work, is not taken twice. */
export interface InProcessWorker {
  run(deliveryId: string): void;
  /** Resolves when nothing waits and nothing runs. */
  idle(): Promise<void>;
  /** Forgets what only waits (the ledger has it) and waits for what runs. */
  stop(): Promise<void>;
}

/**
 * Works from one wake-up on and never rejects; it reports its own failures. It calls `strays` once it is at work on another
 * delivery than the one it was woken for, so that this one can be woken again.
 */
export type Work = (deliveryId: string, strays: () => void) => Promise<unknown>;

export function createInProcessWorker(concurrency: number, work: Work): InProcessWorker {
  const waiting = new Set<string>();
  const looking = new Set<string>();
  const running = new Set<Promise<unknown>>();

  function next(): void {
    for (const deliveryId of waiting) {
      if (running.size >= concurrency) return;
      waiting.delete(deliveryId);
      looking.add(deliveryId);
      const done = work(deliveryId, () => looking.delete(deliveryId)).finally(() => {
        running.delete(done);
        looking.delete(deliveryId);
        next();
      });
      running.add(done);
    }
  }

  async function idle(): Promise<void> {
    while (running.size > 0) await Promise.all(running);
  }

  return {
    run(deliveryId) {
      if (looking.has(deliveryId)) return;
      waiting.add(deliveryId);
      next();
    },
    idle,
    async stop() {
      waiting.clear();
      await idle();
    },
  };
}
