import type { Logger } from 'pino';
import { withDeadline } from '../deadline.js';

/** Thrown where a directory has not answered in time, and at once for as long as it does not. */
export class ShareHangs extends Error {
  /** Settles when it answers after all. */
  readonly ended: Promise<unknown>;

  constructor(ended: Promise<unknown>) {
    super('the directory does not answer');
    this.name = 'ShareHangs';
    this.ended = ended;
  }
}

/** Asks one thing of a directory. */
export interface Share {
  /**
   * Asks one thing of a directory, after what was asked of it before.
   *
   * @throws {@link ShareHangs}, and what `ask` throws
   */
  on<Value>(directory: string, ask: () => Promise<Value>): Promise<Value>;
}

/** The directories of one-way gates, which may lie on network shares. */
export interface Shares extends Share {
  /** For all that one attempt asks: together it is given the time that one thing is given otherwise. */
  attempt(): Share;
  /** How many of them hang now. */
  hanging(): number;
}

/** libuv has so many threads for files and names of hosts, where nobody has asked for another number. */
const THREADS = 4;
/** Threads that gates never take: for configuration, keys and names of hosts. */
const THREADS_KEPT = 2;

/** How many things gates may be asked at once, in a process with this setting of `UV_THREADPOOL_SIZE`. */
export function sharesAtOnce(threads: string | undefined): number {
  const count = Number(threads ?? '');
  return Math.max(1, (Number.isInteger(count) && count > 0 ? count : THREADS) - THREADS_KEPT);
}

/** The threads gates may take. */
interface Threads {
  /** Waits for one, and keeps it until `ended`. @throws what `full` makes while none can come free */
  take(full: () => Error | undefined): Promise<(ended: Promise<unknown>) => void>;
  /** Whoever waits for one looks again. */
  wake(): void;
}

function createThreads(atOnce: number): Threads {
  let taken = 0;
  const waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const look of waiting.splice(0)) look();
  };
  return {
    wake,
    async take(full) {
      while (taken >= atOnce) {
        const error = full();
        if (error !== undefined) throw error;
        await new Promise<void>((resolve) => void waiting.push(resolve));
      }
      taken += 1;
      return (ended) =>
        void ended.then(() => {
          taken -= 1;
          wake();
        });
    },
  };
}

/**
 * A share that hangs keeps a thread of this process for each thing that is asked of it, and there are four for all files and all names
 * of hosts. So each directory is asked one thing at a time, and nothing more while it does not answer; whoever asks is told so. And all
 * directories together are asked no more than `atOnce`: while so many hang, the other gates rest too, and whatever is no gate goes on.
 */
export function createShares(limitMs: number, log: Logger, atOnce: number): Shares {
  const queues = new Map<string, Promise<unknown>>();
  const stuck = new Map<string, Promise<unknown>>();
  const threads = createThreads(atOnce);
  const allHang = (): Error | undefined => (stuck.size < atOnce ? undefined : new ShareHangs(Promise.race(stuck.values())));

  function begin(directory: string, ended: Promise<unknown>): void {
    stuck.set(directory, ended);
    log.error({ directory, limitMs }, 'the directory of a gate hangs: nothing is read there or written, the other gates go on');
    if (stuck.size === atOnce) log.error({ atOnce }, 'as many gates hang as threads may be kept: the other gates rest until one answers');
    threads.wake();
    void ended.then(() => {
      stuck.delete(directory);
      log.warn({ directory }, 'the directory of a gate answers again');
    });
  }

  async function ask<Value>(directory: string, work: () => Promise<Value>, leftMs: () => number): Promise<Value> {
    const hangs = stuck.get(directory);
    if (hangs !== undefined) throw new ShareHangs(hangs);
    const keepUntil = await threads.take(allHang);
    const running = work();
    const ended = running.then(
      () => undefined,
      () => undefined,
    );
    keepUntil(ended);
    let late = false;
    const value = withDeadline(leftMs(), running, () => {
      late = true;
      return new ShareHangs(ended);
    });
    return value.finally(() => {
      if (late) begin(directory, ended);
    });
  }

  async function inTurn<Value>(directory: string, work: () => Promise<Value>, leftMs: () => number): Promise<Value> {
    const before = queues.get(directory) ?? Promise.resolve();
    const mine = before.then(async () => {
      if (leftMs() <= 0) throw new ShareHangs(Promise.resolve());
      return ask(directory, work, leftMs);
    });
    queues.set(
      directory,
      mine.catch(() => undefined),
    );
    return mine;
  }

  return {
    on: async (directory, work) => inTurn(directory, work, () => limitMs),
    attempt() {
      const endMs = performance.now() + limitMs;
      return { on: async (directory, work) => inTurn(directory, work, () => endMs - performance.now()) };
    },
    hanging: () => stuck.size,
  };
}
