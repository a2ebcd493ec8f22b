import { setTimeout as delay } from 'node:timers/promises';
import { createId } from '@zhida/core';
import { BACKLOG_BUDGETS, measureBacklog } from './backlog.js';
import { type Bench, firstAttempts, openBench, press } from './county.js';

/**
 * What a press costs: `pnpm bench relay [--quick | --backlog]`. Everything runs in this process and on a database beside it, so the
 * figures are those of one small machine; `--quick` shows that it works and measures nothing worth reading; `--backlog` adds what a
 * report costs beside 1 000, 10 000 and 100 000 open deliveries.
 */
const BUDGETS = {
  pressP99Ms: { atMost: 50 },
  ofDurableTransactions: { atLeast: 0.5 },
  firstAttemptP99Ms: { atMost: 250 },
} as const;

const quick = process.argv.includes('--quick');
const withBacklog = process.argv.includes('--backlog');
const PRESSES = quick ? 20 : 2_000;
const WARM_UP = quick ? 5 : 300;
const LANES = 8;
const PER_SECOND = 100;

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
  const sorted = (await Promise.all(times)).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
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
  const first = await firstAttempts(bench, quick ? 5 : 300);
  const firstAttemptP99Ms = first[Math.floor(first.length * 0.99)] ?? Number.NaN;
  const figures: Record<keyof typeof BUDGETS, number> = { pressP99Ms, ofDurableTransactions: presses / transactions, firstAttemptP99Ms };
  const long = withBacklog ? await measureBacklog() : undefined;
  const perSecondOf = { presses, 'durable transactions of two rows': transactions };
  process.stdout.write(
    `${JSON.stringify({
      figures: { ...figures, ...long?.figures },
      budgets: { ...BUDGETS, ...(long === undefined ? {} : BACKLOG_BUDGETS) },
      perSecond: perSecondOf,
      cpuMsPerPress: (user + system) / 1000 / PRESSES,
      ...(long === undefined ? {} : { beside: long.beside }),
    })}\n`,
  );
} finally {
  await bench.close();
}
