import { openDatabase } from '@zhida/database';
import { waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { watchTransactions } from '../../../../test/fault/support/statements.js';
import { reconcileLedger, type RelaySchema } from '../../src/index.js';
import { aReport, FACILITY, type Fixture, makeFixture } from '../support/fixture.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(async () => fixture.close());

interface Answer {
  readonly reportId: string;
  readonly number: string;
  readonly deliveries: readonly { readonly deliveryId: string }[];
}

/** The serial within the day: what stands between the hospital's two digits and the check digit. */
function serialOf({ number }: Answer): number {
  return Number(number.split('-')[2]?.slice(2));
}

async function transactionsOf(reportIds: readonly string[]): Promise<number> {
  const { rows } = await fixture.database.pool.query<{ count: number }>(
    `select count(distinct xid::text) from audit_entries
     where convert_from(bytes, 'UTF8')::jsonb->'subject'->>'reportId' = any($1)`,
    [reportIds],
  );
  return rows[0]?.count ?? 0;
}

test('INV-1 presses that come together share a commit; each is a whole report of its own, numbered without a gap', async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, () => fixture.press()));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 202));
  const reports = answers.map((answer) => answer.json<Answer>());
  const serials = reports.map(serialOf).toSorted((a, b) => a - b);
  expect(serials).toEqual(serials.map((_, index) => (serials[0] ?? 0) + index));
  const transactions = await transactionsOf(reports.map(({ reportId }) => reportId));
  expect(transactions).toBeGreaterThan(0);
  expect(transactions).toBeLessThan(20);
  for (const { reportId, number, deliveries } of reports) {
    const status = await fixture.relay.ledger.status(FACILITY, reportId);
    expect(status).toMatchObject({ number, version: 1 });
    expect(status?.lines.map(({ deliveryId }) => deliveryId)).toEqual(deliveries.map(({ deliveryId }) => deliveryId));
  }
  expect((await reconcileLedger(fixture.database.pool)).differences).toEqual([]);
});

test('a press that is refused costs none of those that came with it', async () => {
  const twins = ['血HCG升高', '尿HCG阳性'].map((observed) =>
    fixture.press(aReport({ suspicion: { situations: ['opinion-2020:4.1'], observed } }), { pressId: 'press-twice' }),
  );
  const answers = await Promise.all([...twins, ...Array.from({ length: 20 }, () => fixture.press())]);
  expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([...Array.from({ length: 21 }, () => 202), 409]);
  const taken = answers.filter(({ statusCode }) => statusCode === 202).map((answer) => answer.json<Answer>());
  expect(new Set(taken.map(({ number }) => number)).size).toBe(21);
  expect((await reconcileLedger(fixture.database.pool)).differences).toEqual([]);
});

test('a transaction that hangs does not hold up the presses behind it', async () => {
  const database = openDatabase<RelaySchema>({ url: fixture.queue.url });
  let armed = false;
  let hangs = false;
  let goOn = (): void => {};
  const until = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  watchTransactions(database.pool, async ({ position }, moment) => {
    if (!armed || position !== 1 || moment !== 'done') return;
    armed = false;
    hangs = true;
    await until;
  });
  const relay = await fixture.another({ database });
  armed = true;
  const pressAt = async () =>
    relay.app.inject({ method: 'POST', url: '/v1/reports', headers: await fixture.headers(), payload: JSON.stringify(aReport()) });
  const first = pressAt();
  try {
    await waitUntil(() => hangs, { what: 'the first transaction hangs', deadlineMs: 30_000 });
    const later = await Promise.all([pressAt(), pressAt()]);
    expect(later.map(({ statusCode }) => statusCode)).toEqual([202, 202]);
  } finally {
    goOn();
  }
  expect((await first).statusCode).toBe(202);
  await relay.stop();
  await database.close();
});

test('INV-2 a burst beyond what is taken at once is put off by 503 and Retry-After, half-done nowhere and refused nowhere; repeated by its key, each press is stored once', async () => {
  const database = openDatabase<RelaySchema>({ url: fixture.queue.url, maxConnections: 4 });
  const relay = await fixture.another({ database });
  // From now on whoever waits for a connection is put off soon, and not after seconds.
  Object.assign(database.pool.options, { connectionTimeoutMillis: 100 });
  const pressOnce = async (pressId: string) =>
    relay.app.inject({
      method: 'POST',
      url: '/v1/reports',
      headers: await fixture.headers({ pressId }),
      payload: JSON.stringify(aReport()),
    });
  const storedOf = async (pressIds: readonly string[]) =>
    (await fixture.database.pool.query<{ press_id: string }>('select press_id from reports where press_id = any($1)', [pressIds])).rows.map(
      ({ press_id: pressId }) => pressId,
    );
  const answers = new Map<string, Promise<Awaited<ReturnType<typeof pressOnce>>>>();
  const putOff: string[] = [];
  const locked = await fixture.database.pool.connect();
  try {
    // The row that gives the numbers is somebody's: transactions of intake hang until none has a connection left.
    await locked.query('begin');
    await locked.query('select from number_serials for update');
    await waitUntil(
      () => {
        for (let count = 0; count < 20; count += 1) {
          const pressId = `press-burst-${answers.size}`;
          const answer = pressOnce(pressId);
          answers.set(pressId, answer);
          void answer.then(({ statusCode }) => statusCode === 503 && putOff.push(pressId));
        }
        return putOff.length > 20;
      },
      { what: 'more comes than is taken', deadlineMs: 60_000 },
    );
    expect(await storedOf([...answers.keys()])).toEqual([]);
  } finally {
    await locked.query('rollback');
    locked.release();
  }
  for (const [pressId, first] of answers) {
    let answer = await first;
    while (answer.statusCode === 503) {
      expect(answer.headers['retry-after']).toBe('1');
      answer = await pressOnce(pressId);
    }
    expect([200, 202]).toContain(answer.statusCode);
  }
  expect((await storedOf([...answers.keys()])).toSorted()).toEqual([...answers.keys()].toSorted());
  expect((await reconcileLedger(fixture.database.pool)).differences).toEqual([]);
  await relay.stop();
  await database.close();
});
