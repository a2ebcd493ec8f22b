import { createId } from '@zhida/core';
import { type FrozenClock, frozenClock, waitUntil } from '@zhida/testkit';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type Backlog, BACKLOG_DELIVERY, backlogOf } from './support/backlog.js';
import { type County, openCounty } from './support/county.js';
import { type PostgresPair, postgresPair } from './support/postgres-pair.js';
import type { Pressed } from './support/press.js';
import { type RelayHere, relayHere } from './support/relay-here.js';

// A quarter of it is enough on a machine that does nothing else.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const REPORTS = 6;
const DEADLINE = { deadlineMs: 60_000 };

let pair: PostgresPair;
let clock: FrozenClock;
let county: County;
let backlog: Backlog;
let running: RelayHere | undefined;

beforeAll(async () => {
  pair = await postgresPair();
  clock = frozenClock('2026-11-22T20:30:00+08:00');
  county = await openCounty(clock, { ledgerUrl: pair.ledgerUrl });
  backlog = backlogOf(county, clock, REPORTS);
});
afterEach(async () => {
  await running?.close();
  running = undefined;
});
afterAll(async () => {
  await county.close();
  await pair.close();
});

test('INV-1 a synchronous standby: no press is answered 202 before it has it too, and when the primary dies each 202 is there', async () => {
  running = await relayHere(county, { queue: { backend: 'postgres', url: pair.ledgerUrl }, delivery: BACKLOG_DELIVERY });
  await running.relay.start();
  const url = running.url();
  backlog.conduct('down');
  await backlog.pressAll(url);

  // A standby that is away: the press waits, and is not answered for.
  await pair.receiver('SIGSTOP');
  const pressId = `press-${createId('prs')}`;
  let answered: Pressed | undefined;
  const waiting = backlog.pressOne(url, pressId).then((answer) => (answered = answer));
  await waitUntil(async () => (await pair.waiting()) > 0, { what: 'a commit waits for the standby', ...DEADLINE });
  expect(answered).toBeUndefined();
  await pair.receiver('SIGCONT');
  expect((await waiting).status).toBe(202);

  // Some of these are answered before the primary dies, some are not; whoever was not presses again.
  const presses = Array.from({ length: 4 * REPORTS }, () => `press-${createId('prs')}`);
  const first = presses.map(async (id) => backlog.pressOne(url, id));
  await Promise.race(first);
  await pair.failOver();
  const again = (await Promise.all(first)).flatMap(({ status }, index) => (status === 202 ? [] : [presses[index] ?? '']));
  for (const id of again)
    await waitUntil(async () => [200, 202].includes((await backlog.pressOne(url, id)).status ?? 0), {
      what: 'the new primary takes what was not answered',
      ...DEADLINE,
    });
  await backlog.allDelivered(running);
});
