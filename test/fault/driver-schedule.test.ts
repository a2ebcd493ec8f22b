import { expect, test } from 'vitest';
import { type Breakable, breakThings, FAULTS, type FaultCounts } from './driver/schedule.js';
import type { Child } from './support/child.js';
import type { RestartableRedis } from './support/redis-on-port.js';

/** What was done to it, in words. */
function breakable(done: string[], redis: RestartableRedis | undefined): Breakable {
  const relay = { signal: (name: string) => done.push(name) } as unknown as Child;
  return {
    redis,
    relays: new Map([[0, relay]]),
    agencies: [{ mood: 'stores' }],
    async crashDatabase() {
      done.push('crash');
      return true;
    },
  };
}

/** Each fault once, and none after it: the presses are over. */
const breakOnce = (stack: Breakable): Promise<FaultCounts> => {
  let turn = 0;
  // Of the moods too each has its turn.
  const random = (): number => (turn = (turn + 0.13) % 1);
  return breakThings({ stack, calm: 1, answered: () => 0 }, random, AbortSignal.abort());
};

test('a run over a queue in PostgreSQL breaks no Redis and counts no fault of it', async () => {
  const done: string[] = [];
  const counts = await breakOnce(breakable(done, undefined));
  expect(counts).toEqual({ 'relay killed': 1, 'relay frozen': 1, 'database crashed': 1, 'mood changed': 1 });
  expect(done.toSorted()).toEqual(['SIGCONT', 'SIGKILL', 'SIGSTOP', 'crash']);
});

test('a fault that could not be done is not counted: the queue answers no command, the database has no connection to crash by', async () => {
  const redis = { command: () => Promise.reject(new Error('away')), stop: async () => undefined, start: async () => undefined };
  const stack = { ...breakable([], redis as unknown as RestartableRedis), crashDatabase: async () => false };
  const counts = await breakOnce(stack);
  expect(Object.keys(counts).toSorted()).toEqual([...FAULTS].toSorted());
  expect(counts).toMatchObject({ 'queue flushed': 0, 'database crashed': 0 });
}, 30_000);
