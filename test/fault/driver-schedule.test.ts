import { expect, test } from 'vitest';
import type { Pace } from './driver/pace.js';
import { type Breakable, breakThings, FAULTS, type FaultCounts } from './driver/schedule.js';
import type { Child } from './support/child.js';
import type { RestartableRedis } from './support/redis-on-port.js';

/** No test waits for what it breaks. */
const AT_ONCE: Pace = { now: () => 0, delay: () => new Promise((resolve) => void setImmediate(resolve)) };

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
  return breakThings({ stack, calm: 1, pace: AT_ONCE, answered: () => 0 }, random, AbortSignal.abort());
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
});

/** A Redis that does not come back so often. */
function reluctantRedis(done: string[], refusals: number): RestartableRedis {
  let refused = 0;
  const redis = {
    command: async () => '+OK',
    stop: async () => void done.push('stop'),
    async start() {
      if ((refused += 1) <= refusals) throw new Error('redis-server does not answer');
      done.push('start');
    },
  };
  return redis as unknown as RestartableRedis;
}

test('a Redis that did not come back after its fault is started again when the faults are over', async () => {
  const done: string[] = [];
  await breakOnce(breakable(done, reluctantRedis(done, 1)));
  expect(done.filter((what) => what === 'stop' || what === 'start')).toEqual(['stop', 'stop', 'start']);
});

test('a run whose Redis does not come back at all ends with that', async () => {
  await expect(breakOnce(breakable([], reluctantRedis([], 2)))).rejects.toThrow('redis-server does not answer');
});
