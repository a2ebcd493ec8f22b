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

/** The directories of one-way gates, which may lie on network shares. */
export interface Shares {
  /**
   * Asks one thing of a directory, after what was asked of it before.
   *
   * @throws {@link ShareHangs}, and what `ask` throws
   */
  on<Value>(directory: string, ask: () => Promise<Value>): Promise<Value>;
  /** How many of them hang now. */
  hanging(): number;
}

/**
 * A share that hangs keeps a thread of this process for each thing that is asked of it, and there are four for all files and all names
 * of hosts. So each directory is asked one thing at a time, and nothing more while it does not answer; whoever asks is told so.
 */
export function createShares(limitMs: number, log: Logger): Shares {
  const queues = new Map<string, Promise<unknown>>();
  const stuck = new Map<string, Promise<unknown>>();

  function begin(directory: string, ended: Promise<unknown>): void {
    stuck.set(directory, ended);
    log.error({ directory, limitMs }, 'the directory of a gate hangs: nothing is read there or written, the other gates go on');
    void ended.then(() => {
      stuck.delete(directory);
      log.warn({ directory }, 'the directory of a gate answers again');
    });
  }

  async function ask<Value>(directory: string, work: () => Promise<Value>): Promise<Value> {
    const hangs = stuck.get(directory);
    if (hangs !== undefined) throw new ShareHangs(hangs);
    const running = work();
    let late: ShareHangs | undefined;
    const value = withDeadline(limitMs, running, () => (late = new ShareHangs(running.catch(() => undefined))));
    return value.finally(() => {
      if (late !== undefined) begin(directory, late.ended);
    });
  }

  return {
    async on(directory, work) {
      const before = queues.get(directory) ?? Promise.resolve();
      const mine = before.then(async () => ask(directory, work));
      queues.set(
        directory,
        mine.catch(() => undefined),
      );
      return mine;
    },
    hanging: () => stuck.size,
  };
}
