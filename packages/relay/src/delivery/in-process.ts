/** Runs the worker in this process with a bound on how many attempts are under way; an id that waits or runs is not taken twice. */
export interface InProcessWorker {
  run(deliveryId: string): void;
  /** Resolves when nothing waits and nothing runs. */
  idle(): Promise<void>;
  /** Forgets what only waits (the ledger has it) and waits for what runs. */
  stop(): Promise<void>;
}

/** @param work never rejects; it reports its own failures. */
export function createInProcessWorker(concurrency: number, work: (deliveryId: string) => Promise<unknown>): InProcessWorker {
  const waiting = new Set<string>();
  const running = new Map<string, Promise<unknown>>();

  function next(): void {
    for (const deliveryId of waiting) {
      if (running.size >= concurrency) return;
      waiting.delete(deliveryId);
      const done = work(deliveryId).finally(() => {
        running.delete(deliveryId);
        next();
      });
      running.set(deliveryId, done);
    }
  }

  async function idle(): Promise<void> {
    while (running.size > 0) await Promise.all(running.values());
  }

  return {
    run(deliveryId) {
      if (running.has(deliveryId)) return;
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
