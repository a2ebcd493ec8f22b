import { setTimeout as delay } from 'node:timers/promises';
import { createId } from '@zhida/core';
import { hasRedis, startRedisServer } from '@zhida/testkit';
import { BACKLOG_BUDGETS, measureBacklog } from './backlog.js';
import { type Bench, firstAttempts, openBench, press } from './county.js';
import { DRAIN_BUDGETS, measureDrain } from './drain.js';

/**
 * What a report costs: `pnpm bench relay [--quick]`. A press, the first attempt over either queue, how fast a backlog drains, and what a
 * report costs beside 1 000, 10 000 and 100 000 open deliveries. Everything runs on this machine with a database beside it, so the figures
 * are those of one small machine; `--quick` shows that it works, leaves the last out, and measures nothing worth reading.
 */
const BUDGETS = {
  pressP99Ms: { atMost: 50 },
  ofDurableTransactions: { atLeast: 0.5 },
  firstAttemptP99Ms: { atMost: 250 },
} as const;
/** Measured where there is a redis-server. */
const REDIS_BUDGETS = { firstAttemptOverRedisP99Ms: { atMost: 250 } } as const;

const quick = process.argv.includes('--quick');
const PRESSES = quick ? 20 : 2_000;
const WARM_UP = quick ? 5 : 300;
const LANES = 8;
const PER_SECOND = 100;
const FIRST_ATTEMPTS = quick ? 5 : 300;
const DRAINED = quick ? 20 : 500;

/** As many as the machine takes, some at once. */
async function perSecond(count: number, once: () => Promise<unknown>): Promise<number> {
  let left = count;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (; left > 0; left -= 1) await once();
    }),
  );
  return (count / (performance.now() - began)) * 1000;
}

async function twoRows({ database: { pool } }: Bench): Promise<void> {
  const client = await pool.connect();
  await client.query('begin');
  for (const id of [createId('rpt'), createId('dlv')])
    await client.query('insert into bench_rows values ($1, $2)', [id, Buffer.alloc(800)]);
  await client.query('commit');
  client.release();
}

/** Pressed at a steady rate, whether or not the one before was answered. */
async function pressP99(bench: Bench, headers: Record<string, string>[]): Promise<number> {
  const times: Promise<number>[] = [];
  const began = performance.now();
  for (const [index, each] of headers.entries()) {
    const wait = began + (index * 1000) / PER_SECOND - performance.now();
    if (wait > 0) await delay(wait);
    times.push(press(bench, each));
  }
  return p99((await Promise.all(times)).toSorted((a, b) => a - b));
}

function p99(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}

async function firstAttemptOverRedis(): Promise<Record<keyof typeof REDIS_BUDGETS, number> | undefined> {
  if (!hasRedis()) return undefined;
  const redis = await startRedisServer();
  const bench = await openBench({ queue: { backend: 'redis', url: redis.url } });
  try {
    await bench.relay.start();
    await firstAttempts(bench, WARM_UP);
    return { firstAttemptOverRedisP99Ms: p99(await firstAttempts(bench, FIRST_ATTEMPTS)) };
  } finally {
    await bench.close();
    await redis.stop();
  }
}

const bench = await openBench();
try {
  await bench.database.pool.query('create table bench_rows (id text primary key, bytes bytea)');
  for (const headers of await bench.headers(WARM_UP)) await press(bench, headers);
  const waiting = await bench.headers(PRESSES + LANES);
  const cpu = process.cpuUsage();
  const presses = await perSecond(PRESSES, async () => press(bench, waiting.pop() ?? {}));
  const { user, system } = process.cpuUsage(cpu);
  const transactions = await perSecond(PRESSES, () => twoRows(bench));
  const pressP99Ms = await pressP99(bench, await bench.headers(quick ? 10 : PER_SECOND * 10));
  await bench.database.pool.query(`update deliveries set next_due_at = now() + interval '50 minutes', rung = 9`);
  await bench.relay.start();
  const firstAttemptP99Ms = p99(await firstAttempts(bench, FIRST_ATTEMPTS));
  const figures: Record<keyof typeof BUDGETS, number> = { pressP99Ms, ofDurableTransactions: presses / transactions, firstAttemptP99Ms };
  await bench.relay.stop();
  const redis = await firstAttemptOverRedis();
  const drained = await measureDrain(DRAINED);
  const long = quick ? undefined : await measureBacklog();
  const perSecondOf = { presses, 'durable transactions of two rows': transactions };
  process.stdout.write(
    `${JSON.stringify({
      figures: { ...figures, ...redis, ...drained, ...long?.figures },
      budgets: {
        ...BUDGETS,
        ...(redis === undefined ? {} : REDIS_BUDGETS),
        ...DRAIN_BUDGETS,
        ...(long === undefined ? {} : BACKLOG_BUDGETS),
      },
      perSecond: perSecondOf,
      cpuMsPerPress: (user + system) / 1000 / PRESSES,
      ...(long === undefined ? {} : { beside: long.beside }),
    })}\n`,
  );
} finally {
  await bench.close();
}
