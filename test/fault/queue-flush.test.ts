import { createId } from '@zhida/core';
import type { QueueOptions } from '@zhida/relay';
import { describeWithRedis, type FrozenClock, frozenClock, waitUntil } from '@zhida/testkit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Agency, Conduct } from './support/agency.js';
import { type County, openCounty } from './support/county.js';
import { halvesOf } from './support/ledger-checks.js';
import { press } from './support/press.js';
import { FACILITY, profile } from './support/profile.js';
import { restartableRedis, type RestartableRedis } from './support/redis-on-port.js';
import { type RelayHere, relayHere } from './support/relay-here.js';

const REPORTS = 25;
const DELIVERIES = REPORTS * profile.recipients.length;
/** Few, so that most wake-ups wait in the queue while the agencies keep the workers. */
const CONCURRENCY = 4;
const ATTEMPT_TIMEOUT_MS = 1_000;

// Half of it is enough on a machine that does nothing else.
vi.setConfig({ testTimeout: 120_000 });

let clock: FrozenClock;
let county: County;
let running: RelayHere | undefined;

beforeEach(async () => {
  clock = frozenClock('2026-11-22T20:30:00+08:00');
  county = await openCounty(clock);
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  await county.close();
});

async function start(queue: QueueOptions): Promise<RelayHere> {
  running = await relayHere(county, {
    queue,
    delivery: {
      concurrency: CONCURRENCY,
      attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
      leaseMs: 2 * ATTEMPT_TIMEOUT_MS,
      leaseMarginMs: ATTEMPT_TIMEOUT_MS / 2,
      queueTimeoutMs: 500,
      // Every delivery is to be tried; the breaker has tests of its own.
      breakerAfter: 1_000,
      // The ladder is moved by hours here; that alone must not make a delivery go past the queue.
      overdueAfterMs: 1e9,
    },
  });
  await running.relay.start();
  return running;
}

function agencies(): readonly Agency[] {
  return [county.police, county.civilAffairs];
}

function conduct(of: Conduct): void {
  for (const agency of agencies()) agency.conduct = of;
}

async function pressAll(url: string, count = REPORTS): Promise<void> {
  const pressed = await Promise.all(Array.from({ length: count }, () => press(county, url, `press-${createId('prs')}`)));
  expect(pressed.map(({ status }) => status)).toEqual(Array.from({ length: count }, () => 202));
}

async function open({ relay }: RelayHere): Promise<number> {
  return (await relay.ledger.counts(FACILITY)).byState.open;
}

/** What the sweep of this process did, as `/metrics` tells. */
async function swept({ relay }: RelayHere, what: 'handedToQueue' | 'ranHere'): Promise<number> {
  const { body } = await relay.app.inject({ url: '/metrics' });
  return Number(new RegExp(`zhida_relay_sweep_total\\{what="${what}"\\} (\\d+)`).exec(body)?.[1]);
}

async function attempted(rung: number): Promise<boolean> {
  const { rows } = await county.ledger.pool.query<{ count: number }>(
    `select count(*) from deliveries where rung >= $1 and state = 'open' and (lease_until is null or lease_until < now())`,
    [rung],
  );
  return rows[0]?.count === DELIVERIES;
}

/** Fifty deliveries open: each was refused once, is due again, and now the agencies keep every worker waiting. */
async function fiftyOpen(here: RelayHere): Promise<void> {
  conduct('down');
  await pressAll(here.url());
  await waitUntil(() => attempted(1), { what: 'every delivery was tried once', deadlineMs: 30_000 });
  expect(await open(here)).toBe(DELIVERIES);
  conduct('hangs');
  clock.advance(5_500);
  await waitUntil(() => county.police.hanging.length + county.civilAffairs.hanging.length >= CONCURRENCY, {
    what: 'the workers wait',
    deadlineMs: 30_000,
  });
}

/** The agencies work again; the ladder's time passes second by second, and nobody lends a hand. */
async function allDelivered(here: RelayHere): Promise<void> {
  conduct('stores');
  await waitUntil(
    async () => {
      clock.advance(1_000);
      return (await open(here)) === 0;
    },
    { what: 'nothing is owed any more', deadlineMs: 60_000 },
  );
  await expectEachOnce();
}

async function expectEachOnce(reports = REPORTS): Promise<void> {
  for (const agency of agencies()) {
    const rows = await agency.rows();
    expect(rows).toHaveLength(reports);
    expect(new Set(rows.map((row) => row.deliveryId)).size).toBe(reports);
    expect(rows.filter((row) => row.conflicts > 0)).toEqual([]);
    for (const { deliveryId } of rows) {
      expect(agency.receipts.get(deliveryId)?.size).toBe(1);
      expect(
        new Set(agency.arrivals.filter((arrival) => arrival.deliveryId === deliveryId).map((arrival) => arrival.payloadSha256)).size,
      ).toBe(1);
    }
  }
  const { rows } = await county.ledger.pool.query<{ deliveries: number }>(
    `select count(distinct delivery_id) as deliveries from receipts where kind = 'receipt' and stage = 'stored'`,
  );
  expect(rows[0]?.deliveries).toBe(reports * profile.recipients.length);
  expect(await halvesOf(county.ledger)).toEqual([]);
}

async function queueTables(): Promise<string[]> {
  const { rows } = await county.ledger.pool.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_schema = 'bullmq' and table_type = 'BASE TABLE'`,
  );
  return rows.map(({ name }) => name);
}

describe('INV-3 the queue is a hint: PostgreSQL', () => {
  const queue = (): QueueOptions => ({ backend: 'postgres', url: county.ledgerUrl });

  test('INV-3 every table of the queue truncated with fifty deliveries open costs no delivery, and the queue is used again', async () => {
    const here = await start(queue());
    await fiftyOpen(here);
    const tables = await queueTables();
    expect(tables.length).toBeGreaterThan(0);
    await county.ledger.pool.query(`truncate ${tables.join(', ')} cascade`);
    await allDelivered(here);
  });

  test('INV-3 a relay started over a queue that lost every row, its own migrations too, delivers', async () => {
    const here = await start(queue());
    await fiftyOpen(here);
    await here.close();
    await county.ledger.pool.query(`truncate ${(await queueTables()).join(', ')} cascade`);
    await allDelivered(await start(queue()));
  });

  test('INV-3 the whole schema of the queue dropped under a running relay costs no delivery', async () => {
    const here = await start(queue());
    await fiftyOpen(here);
    await county.ledger.pool.query('drop schema bullmq cascade');
    await allDelivered(here);
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
    await fiftyOpen(here);
    expect(Number((await redis.command('DBSIZE')).slice(1))).toBeGreaterThan(CONCURRENCY);
    const handed = await swept(here, 'handedToQueue');
    expect(await redis.command('FLUSHALL')).toBe('+OK');
    await allDelivered(here);
    expect(await swept(here, 'handedToQueue')).toBeGreaterThan(handed);
  });

  test('INV-3 Redis killed with fifty deliveries open and started empty costs no delivery, and is used again', async () => {
    await redis.start();
    const here = await start(queue());
    await fiftyOpen(here);
    await redis.stop();
    await waitUntil(async () => (await swept(here, 'ranHere')) > 0, { what: 'the sweep delivers in this process' });
    await redis.start();
    const handed = await swept(here, 'handedToQueue');
    await waitUntil(async () => (await swept(here, 'handedToQueue')) > handed, { what: 'the queue is used again', deadlineMs: 20_000 });
    await allDelivered(here);
  });

  test.each(['never started', 'frozen'] as const)(
    'INV-3 with Redis %s a press is answered 202 at once and delivered in this process',
    async (how) => {
      if (how === 'frozen') await redis.start();
      if (how === 'frozen') redis.freeze();
      const here = await start(queue());
      const began = performance.now();
      await pressAll(here.url(), 5);
      expect(performance.now() - began).toBeLessThan(5_000);
      await waitUntil(async () => (await open(here)) === 0, { what: 'all of it is stored', deadlineMs: 20_000 });
      await expectEachOnce(5);
      expect(await swept(here, 'ranHere')).toBeGreaterThan(0);
      const stopping = performance.now();
      await here.close();
      expect(performance.now() - stopping).toBeLessThan(10_000);
    },
  );
});
