import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { QueueOptions } from '@zhida/relay';
import { describeWithRedis, type FrozenClock, frozenClock, waitUntil } from '@zhida/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Backlog, BACKLOG_DELIVERY, backlogOf, CONCURRENCY, swept } from './support/backlog.js';
import { type County, openCounty } from './support/county.js';
import { restartableRedis, type RestartableRedis } from './support/redis-on-port.js';
import { type RelayHere, relayHere } from './support/relay-here.js';

const REPORTS = 25;
/** PostgreSQL documentation, appendix A: `deadlock_detected`. */
const DEADLOCK = '40P01';

// Half of it is enough on a machine that does nothing else.
vi.setConfig({ testTimeout: 120_000 });

let clock: FrozenClock;
let county: County;
let backlog: Backlog;
let running: RelayHere | undefined;

beforeAll(async () => {
  clock = frozenClock('2026-11-22T20:30:00+08:00');
  county = await openCounty(clock);
  backlog = backlogOf(county, clock, REPORTS);
});
afterEach(async () => {
  await running?.close();
  running = undefined;
});
afterAll(async () => county.close());

async function start(queue: QueueOptions, log?: (line: string) => void): Promise<RelayHere> {
  running = await relayHere(county, { queue, delivery: BACKLOG_DELIVERY, ...(log === undefined ? {} : { log }) });
  await running.relay.start();
  return running;
}

async function queueTables(): Promise<string[]> {
  const { rows } = await county.ledger.pool.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_schema = 'bullmq' and table_type = 'BASE TABLE'`,
  );
  return rows.map(({ name }) => name);
}

/** As an operator does it: what is at work in the tables just then may take them in another order, and the server ends one of the two. */
async function untilNoDeadlock(statement: string): Promise<void> {
  const ended = async (): Promise<boolean> =>
    county.ledger.pool.query(statement).then(
      () => true,
      (error: { code?: string }) => {
        if (error.code !== DEADLOCK) throw error;
        return false;
      },
    );
  while (!(await ended()));
}

describe('INV-3 the queue is a hint: PostgreSQL', () => {
  const queue = (): QueueOptions => ({ backend: 'postgres', url: county.ledgerUrl });

  test('INV-3 every table of the queue truncated with fifty deliveries open costs no delivery, and the queue is used again', async () => {
    const here = await start(queue());
    await backlog.piledUp(here);
    const tables = await queueTables();
    expect(tables.length).toBeGreaterThan(0);
    await untilNoDeadlock(`truncate ${tables.join(', ')} cascade`);
    await backlog.allDelivered(here);
  });

  test('INV-3 a relay started over a queue that lost every row, its own migrations too, delivers', async () => {
    const here = await start(queue());
    await backlog.piledUp(here);
    await here.close();
    await untilNoDeadlock(`truncate ${(await queueTables()).join(', ')} cascade`);
    await backlog.allDelivered(await start(queue()));
  });

  test('INV-3 the whole schema of the queue dropped under a running relay costs no delivery', async () => {
    const here = await start(queue());
    await backlog.piledUp(here);
    await untilNoDeadlock('drop schema bullmq cascade');
    await backlog.allDelivered(here);
  });
});

describeWithRedis('INV-3 the queue is a hint: Redis', () => {
  let redis: RestartableRedis;
  const queue = (): QueueOptions => ({ backend: 'redis', url: redis.url });
  beforeEach(async () => {
    redis = await restartableRedis();
  });
  // Registered after the relay's own, it runs before it: a relay must be able to stop without its queue.
  afterEach(async () => redis.close());

  test('INV-3 FLUSHALL with fifty deliveries open costs no delivery, and the queue is filled again', async () => {
    await redis.start();
    const here = await start(queue());
    await backlog.piledUp(here);
    expect(Number((await redis.command('DBSIZE')).slice(1))).toBeGreaterThan(CONCURRENCY);
    const handed = await swept(here, 'handedToQueue');
    expect(await redis.command('FLUSHALL')).toBe('+OK');
    await backlog.allDelivered(here);
    expect(await swept(here, 'handedToQueue')).toBeGreaterThan(handed);
  });

  test('INV-3 Redis killed with fifty deliveries open and started empty costs no delivery, and is used again', async () => {
    await redis.start();
    const here = await start(queue());
    await backlog.piledUp(here);
    await redis.stop();
    await waitUntil(async () => (await swept(here, 'ranHere')) > 0, { what: 'the sweep delivers in this process' });
    await redis.start();
    const handed = await swept(here, 'handedToQueue');
    await waitUntil(async () => (await swept(here, 'handedToQueue')) > handed, { what: 'the queue is used again', deadlineMs: 20_000 });
    await backlog.allDelivered(here);
  });

  test.each(['never started', 'frozen'] as const)(
    'INV-3 with Redis %s a press is answered 202 at once and delivered in this process',
    async (how) => {
      if (how === 'frozen') await redis.start();
      if (how === 'frozen') redis.freeze();
      const here = await start(queue());
      // Down at first: what the presses themselves woke is refused, and the sweep has to find it.
      backlog.conduct('down');
      const began = performance.now();
      await backlog.pressAll(here.url(), 5);
      expect(performance.now() - began).toBeLessThan(5_000);
      await waitUntil(
        async () => {
          clock.advance(1_000);
          return (await swept(here, 'ranHere')) > 0;
        },
        { what: 'the sweep delivers in this process', deadlineMs: 60_000 },
      );
      await backlog.allDelivered(here);
      const stopping = performance.now();
      await here.close();
      expect(performance.now() - stopping).toBeLessThan(10_000);
    },
  );

  test('INV-3 an hour without Redis: every press is answered 202 and delivered, the log stays readable, the memory flat', async () => {
    const lines: { msg: string }[] = [];
    await redis.start();
    const here = await start(queue(), (line) => lines.push(JSON.parse(line) as { msg: string }));
    await redis.stop();
    const heaps: number[] = [];
    for (let minute = 1; minute <= 60; minute += 1) {
      // For a few minutes the agencies are away as well: what is due again then is found by the sweep alone. In the last they say nothing
      // in time, as an agency of a busy machine may at any minute: that is tried again only once the clock has moved.
      const last = minute === 60 ? 'hangs' : 'stores';
      backlog.conduct(minute > 20 && minute <= 25 ? 'down' : last);
      if (minute % 2 === 0) await backlog.pressAll(here.url(), 1);
      for (const seconds of [30, 30]) {
        clock.advance(seconds * 1_000);
        await here.relay.sweepOnce();
      }
      if (minute === 30 || minute === 60) heaps.push(heapInUse());
    }
    await backlog.allDelivered(here);
    const [half = 0, whole = 0] = heaps;
    expect(whole - half).toBeLessThan(8 * 2 ** 20);
    // Two kinds of trouble, each told once a minute at most, and nothing else but what became of thirty reports.
    expect(lines.filter(({ msg }) => msg.includes('the queue')).length).toBeLessThanOrEqual(2 * 61);
    expect(lines.length).toBeLessThan(400);
    await redis.start();
    await waitUntil(
      async () => {
        await backlog.pressAll(here.url(), 1);
        return lines.some(({ msg }) => msg === 'the queue takes wake-ups again');
      },
      { what: 'the queue is used again', deadlineMs: 60_000 },
    );
    await backlog.allDelivered(here);
  });
});

/** Bytes, after everything that can be freed was. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
