import type { Socket } from 'node:net';

/** Tasks of one connection, done one after the other. */
export interface WaitingLine {
  add(size: number, task: () => Promise<void>): void;
  readonly isEmpty: boolean;
  readonly isClosed: boolean;
  /** Resolves when everything added so far is done. */
  done(): Promise<void>;
  /** Takes no more; resolves when everything is done. */
  close(): Promise<void>;
}

/** Stops reading from the socket while more than `waitingBytes` wait, and goes on when half of it is done. */
export function createWaitingLine(waitingBytes: number, socket: Socket): WaitingLine {
  let waiting = 0;
  let tasks = 0;
  let isClosed = false;
  let last: Promise<void> = Promise.resolve();

  const run = async (size: number, task: () => Promise<void>): Promise<void> => {
    try {
      await task();
    } catch {
      // A task answers for its own failures; one that still throws must not keep the next ones waiting.
      socket.destroy();
    }
    waiting -= size;
    tasks -= 1;
    if (!isClosed && waiting <= waitingBytes / 2) socket.resume();
  };

  return {
    add(size, task) {
      waiting += size;
      tasks += 1;
      if (waiting > waitingBytes) socket.pause();
      last = last.then(() => run(size, task));
    },
    get isEmpty() {
      return tasks === 0;
    },
    get isClosed() {
      return isClosed;
    },
    done: () => last,
    close() {
      isClosed = true;
      socket.pause();
      return last;
    },
  };
}
