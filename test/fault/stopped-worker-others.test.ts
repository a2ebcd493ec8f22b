import { createId } from '@zhida/core';
import { createKeyDirectory } from '@zhida/signing';
import { type FrozenClock, frozenClock, waitUntil } from '@zhida/testkit';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type County, introduce, openCounty } from './support/county.js';
import { press, type ReportAnswer } from './support/press.js';
import { POLICE, profile } from './support/profile.js';
import { type RelayHere, type RelayHereOptions, relayHere } from './support/relay-here.js';

/** What stands still, is unreadable or is held must not take the others with it. */
let clock: FrozenClock;
let county: County;
let here: RelayHere;

beforeEach(async () => {
  clock = frozenClock('2026-11-22T20:30:00+08:00');
  county = await openCounty(clock);
});
afterEach(async () => {
  await here.close();
  await county.close();
});

async function start(options: RelayHereOptions = {}): Promise<void> {
  here = await relayHere(county, options);
  await here.relay.start();
}

async function pressed(): Promise<ReportAnswer> {
  const { status, answer } = await press(county, here.url(), `press-${createId('prs')}`);
  expect(status).toBe(202);
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

function deliveryTo(answer: ReportAnswer, party: string): string {
  return answer.deliveries.find(({ recipient }) => recipient.party === party)?.deliveryId ?? '';
}

async function rowOf(deliveryId: string): Promise<{ state: string; hold_reason: string | null; fence: number; rung: number } | undefined> {
  const { rows } = await county.ledger.pool.query<{ state: string; hold_reason: string | null; fence: number; rung: number }>(
    'select state, hold_reason, fence, rung from deliveries where delivery_id = $1',
    [deliveryId],
  );
  return rows[0];
}

async function destroyKeys({ reportId }: ReportAnswer): Promise<void> {
  await county.ledger.pool.query('delete from data_keys where report_id = $1', [reportId]);
}

test('INV-7 a held report that can no longer be opened does not hold up the held reports behind it', async () => {
  const station = 'agency:station-440299';
  const recipient = {
    party: station,
    kind: 'police',
    view: 'police',
    name: { zh: '派出所', en: 'Station' },
    system: 'push',
    priority: 3,
  } as const;
  await start({ profile: { ...profile, recipients: [...profile.recipients, recipient] } });
  const [first, second] = [await pressed(), await pressed()];
  expect([await rowOf(deliveryTo(first, station)), await rowOf(deliveryTo(second, station))]).toMatchObject([
    { hold_reason: 'no-route' },
    { hold_reason: 'no-route' },
  ]);
  await destroyKeys(first);
  const keys = await createKeyDirectory(join(county.dataDirectory, 'station'), { party: station, role: 'agency', mode: 'test', clock });
  await introduce(keys, county.relayKeys, 'http://127.0.0.1:9');
  await waitUntil(async () => (await rowOf(deliveryTo(second, station)))?.hold_reason === null, { what: 'the second report goes out' });
  expect(await rowOf(deliveryTo(first, station))).toMatchObject({ state: 'open', hold_reason: 'no-route' });
});

test('INV-6 a delivery whose payload cannot be opened stays open on its ladder, in sight, and is not tried without a pause', async () => {
  county.police.conduct = 'down';
  await start();
  const report = await pressed();
  const deliveryId = deliveryTo(report, POLICE);
  await waitUntil(async () => (await rowOf(deliveryId))?.rung === 1, { what: 'the agency was down once' });
  await destroyKeys(report);
  county.police.conduct = 'stores';
  clock.advance(6_000);
  await waitUntil(async () => (await rowOf(deliveryId))?.rung === 2, { what: 'the second attempt is written down' });
  expect(await rowOf(deliveryId)).toMatchObject({ state: 'open', fence: 2 });
  const { rows } = await county.ledger.pool.query('select outcome, detail, lease_lost from attempts where delivery_id = $1 and fence = 2', [
    deliveryId,
  ]);
  expect(rows).toEqual([{ outcome: 'unknown', detail: 'not-opened', lease_lost: false }]);
});

test('INV-3 the locks of a process stopped while it wrote down pinned parties do not hold up another relay', async () => {
  await start();
  await waitUntil(async () => (await county.ledger.pool.query('select 1 from parties')).rows.length === 3, {
    what: 'the parties are pinned',
  });
  const stopped = await county.ledger.pool.connect();
  try {
    await stopped.query('begin');
    await stopped.query('update parties set first_seen = first_seen');
    county.police.conduct = 'down';
    const deliveryId = deliveryTo(await pressed(), POLICE);
    await waitUntil(async () => (await rowOf(deliveryId))?.rung === 1, { what: 'the agency was down once' });
    county.police.conduct = 'stores';
    clock.advance(6_000);
    // The second attempt comes from the sweep alone.
    await waitUntil(async () => (await rowOf(deliveryId))?.state === 'stored', { what: 'the sweep goes on' });
  } finally {
    await stopped.query('rollback');
    stopped.release();
  }
});

test('INV-9 a profile that names a recipient twice is refused when the relay is made, not when a report is pressed', async () => {
  await start();
  await expect(
    relayHere(county, { profile: { ...profile, recipients: [...profile.recipients, ...profile.recipients] } }),
  ).rejects.toMatchObject({
    code: 'ZD_ERR_OPTION_INVALID',
    at: 'profile.recipients[2]',
  });
});
