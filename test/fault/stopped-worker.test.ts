import { createId, systemClock } from '@zhida/core';
import { waitUntil } from '@zhida/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Child } from './support/child.js';
import { type County, openCounty } from './support/county.js';
import { halvesOf } from './support/ledger-checks.js';
import { press } from './support/press.js';
import { POLICE } from './support/profile.js';
import type { RelayChildOptions } from './support/relay-child.js';
import { type RelayProcess, startRelayProcess } from './support/relay-process.js';

/** Long enough that a worker on a busy machine is stopped before its attempt times out. */
const TIMES = { attemptTimeoutMs: 4_000, leaseMs: 4_500, leaseMarginMs: 500 };
/** Processes start while others are stopped, on machines that do other things too. */
const DEADLINE_MS = 30_000;

let county: County;
let children: Child[];

beforeEach(async () => {
  county = await openCounty(systemClock);
  children = [];
});
afterEach(async () => {
  for (const child of children) child.signal('SIGKILL');
  await Promise.all(children.map((child) => child.ended));
  await county.close();
});

interface WorkerOptions extends Pick<RelayChildOptions, 'outrunsTimeout'> {
  readonly times?: typeof TIMES;
}

async function startWorker(applicationName: string, { times = TIMES, ...options }: WorkerOptions = {}): Promise<RelayProcess> {
  const { ledgerUrl, relayKeys, dataDirectory } = county;
  return startRelayProcess(
    {
      ledgerUrl,
      applicationName,
      keys: relayKeys.directory,
      dataDirectory: `${dataDirectory}-${applicationName}`,
      queue: { backend: 'postgres', url: ledgerUrl },
      delivery: { ...times, sweepEveryMs: 100, ladderSeconds: [3600], thenEverySeconds: 3600 },
      ...options,
    },
    (child) => children.push(child),
  );
}

interface Delivery {
  readonly state: string;
  readonly rung: number;
  readonly fence: number;
  readonly next_due_at: Date;
  readonly leased: boolean;
  readonly last_outcome: string | null;
}

async function deliveryOf(deliveryId: string): Promise<Delivery> {
  const { rows } = await county.ledger.pool.query<Delivery>(
    'select state, rung, fence, next_due_at, lease_until >= now() as leased, last_outcome from deliveries where delivery_id = $1',
    [deliveryId],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('no such delivery');
  return row;
}

interface Attempt {
  readonly fence: number;
  readonly outcome: string | null;
  readonly status: number | null;
  readonly detail: string | null;
  readonly lease_lost: boolean | null;
}

async function attemptsOf(deliveryId: string): Promise<Attempt[]> {
  const { rows } = await county.ledger.pool.query<Attempt>(
    'select fence, outcome, status, detail, lease_lost from attempts where delivery_id = $1 order by fence',
    [deliveryId],
  );
  return rows;
}

async function endedAttempt(deliveryId: string, fence: number): Promise<Attempt> {
  return waitUntil(async () => (await attemptsOf(deliveryId)).find((attempt) => attempt.fence === fence && attempt.outcome !== null), {
    what: `attempt ${fence} is written down`,
    deadlineMs: DEADLINE_MS,
  });
}

/** Presses at A; its request to the police hangs, and A is stopped where it holds nothing but its lease. */
async function stopWhileSending(a: { child: Child; url: string }): Promise<string> {
  county.police.conduct = 'hangs';
  const { status, answer } = await press(county, a.url, `press-${createId('prs')}`);
  expect(status).toBe(202);
  const deliveryId = answer?.deliveries.find(({ recipient }) => recipient.party === POLICE)?.deliveryId ?? '';
  await waitUntil(() => county.police.hanging.length === 1, { what: 'the request of A hangs', deadlineMs: DEADLINE_MS });
  // The other recipient's delivery is no part of this.
  await waitUntil(async () => (await openDeliveries()) === 1, { what: 'civil affairs has its own', deadlineMs: DEADLINE_MS });
  await stopOutsideTransactions(a.child, 'A');
  expect(await attemptsOf(deliveryId)).toEqual([{ fence: 1, outcome: null, status: null, detail: null, lease_lost: null }]);
  return deliveryId;
}

/** A process stopped inside a transaction would keep its locks; that is another fault than the one under test. */
async function stopOutsideTransactions(child: Child, applicationName: string): Promise<void> {
  await waitUntil(
    async () => {
      child.signal('SIGSTOP');
      const { rows } = await county.ledger.pool.query(`select 1 from pg_stat_activity where application_name = $1 and state <> 'idle'`, [
        applicationName,
      ]);
      if (rows.length === 0) return true;
      child.signal('SIGCONT');
      return false;
    },
    { what: 'A is stopped with no transaction open' },
  );
}

async function expectOneEffect(deliveryId: string, arrivals: number): Promise<void> {
  const arrived = county.police.arrivals.filter((arrival) => arrival.deliveryId === deliveryId);
  expect(arrived).toHaveLength(arrivals);
  expect(new Set(arrived.map((arrival) => arrival.payloadSha256)).size).toBe(1);
  const rows = (await county.police.rows()).filter((row) => row.deliveryId === deliveryId);
  expect(rows).toHaveLength(1);
  expect(rows[0]?.conflicts).toBe(0);
  expect(county.police.receipts.get(deliveryId)?.size).toBe(1);
  const receipts = await county.ledger.pool.query('select kind, stage, via from receipts where delivery_id = $1', [deliveryId]);
  expect(receipts.rows).toEqual([{ kind: 'receipt', stage: 'stored', via: 'answer' }]);
  expect(await halvesOf(county.ledger)).toEqual([]);
}

test('INV-4 a worker stopped past its lease whose request brings the receipt after another delivered: kept as a repeat, one effect', async () => {
  const a = await startWorker('A', { outrunsTimeout: true });
  const deliveryId = await stopWhileSending(a);
  county.police.conduct = 'stores';
  await startWorker('B');
  await waitUntil(async () => (await deliveryOf(deliveryId)).state === 'stored', { what: 'B delivered', deadlineMs: DEADLINE_MS });
  const byB = await deliveryOf(deliveryId);
  const events = await eventCount();

  await county.police.hanging[0]?.answer();
  a.child.signal('SIGCONT');
  expect(await endedAttempt(deliveryId, 1)).toEqual({ fence: 1, outcome: 'receipted', status: 200, detail: 'receipt', lease_lost: true });
  expect(await attemptsOf(deliveryId)).toEqual([
    { fence: 1, outcome: 'receipted', status: 200, detail: 'receipt', lease_lost: true },
    { fence: 2, outcome: 'receipted', status: 200, detail: 'receipt', lease_lost: false },
  ]);
  expect(await deliveryOf(deliveryId)).toEqual(byB);
  expect(await eventCount()).toBe(events);
  await expectOneEffect(deliveryId, 2);
}, 120_000);

test('INV-4 a worker stopped past its lease wakes to a time-out: the schedule another worker wrote stays, and its lease too', async () => {
  const a = await startWorker('A');
  const deliveryId = await stopWhileSending(a);
  county.police.conduct = 'down';
  await startWorker('B');
  expect(await endedAttempt(deliveryId, 2)).toMatchObject({ outcome: 'unknown', status: 503, lease_lost: false });
  const byB = await deliveryOf(deliveryId);
  expect(byB).toMatchObject({ state: 'open', rung: 1, fence: 2, last_outcome: 'unknown' });

  a.child.signal('SIGCONT');
  expect(await endedAttempt(deliveryId, 1)).toEqual({ fence: 1, outcome: 'unknown', status: null, detail: 'timeout', lease_lost: true });
  expect(await deliveryOf(deliveryId)).toMatchObject({ rung: 1, next_due_at: byB.next_due_at, state: 'open' });

  // The hour of the ladder passes and the agency works again; whoever takes the third attempt, the agency has it once.
  county.police.conduct = 'stores';
  await county.ledger.pool.query('update deliveries set next_due_at = now() where delivery_id = $1', [deliveryId]);
  await waitUntil(async () => (await deliveryOf(deliveryId)).state === 'stored', {
    what: 'a later attempt delivered',
    deadlineMs: DEADLINE_MS,
  });
  await expectOneEffect(deliveryId, 3);
}, 120_000);

test('INV-4 a worker that wakes while another holds the delivery does not free it for a third', async () => {
  const a = await startWorker('A');
  const deliveryId = await stopWhileSending(a);
  await startWorker('B', { outrunsTimeout: true, times: { ...TIMES, attemptTimeoutMs: 20_000, leaseMs: 20_500 } });
  await waitUntil(() => county.police.hanging.length === 2, { what: 'the request of B hangs too', deadlineMs: DEADLINE_MS });
  const held = await deliveryOf(deliveryId);
  expect(held).toMatchObject({ state: 'open', fence: 2, leased: true });

  a.child.signal('SIGCONT');
  expect(await endedAttempt(deliveryId, 1)).toMatchObject({ outcome: 'unknown', detail: 'timeout', lease_lost: true });
  expect(await deliveryOf(deliveryId)).toEqual(held);

  await county.police.hanging[1]?.answer();
  await waitUntil(async () => (await deliveryOf(deliveryId)).state === 'stored', { what: 'B delivered', deadlineMs: DEADLINE_MS });
  expect(await endedAttempt(deliveryId, 2)).toMatchObject({ outcome: 'receipted', lease_lost: false });
  await expectOneEffect(deliveryId, 2);
}, 120_000);

async function openDeliveries(): Promise<number> {
  const { rows } = await county.ledger.pool.query<{ count: number }>("select count(*) from deliveries where state = 'open'");
  return rows[0]?.count ?? -1;
}

async function eventCount(): Promise<number> {
  const { rows } = await county.ledger.pool.query<{ count: number }>('select count(*) from report_events');
  return rows[0]?.count ?? -1;
}
