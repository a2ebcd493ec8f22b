import { createId } from '@zhida/core';
import { waitUntil } from '@zhida/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { DEFAULT_CLOCKS, type DeliverySettings, type RelayProfile } from '../../src/index.js';
import { statementsOf } from '../support/costs.js';
import { aReport, FACILITY, type Fixture, type FixtureOptions, LOOPBACK, makeFixture, profile } from '../support/fixture.js';
import { recordingChannel } from '../support/recording-channel.js';
import { answers, type Behaviour, stores } from '../support/scripted-agency.js';

const POLICE = 'agency:police-440299';
const LEASE_MS = 60_000;

let fixture: Fixture;
afterEach(async () => fixture.close());

async function open(delivery: Partial<DeliverySettings> = {}, relay: FixtureOptions['relay'] = {}): Promise<void> {
  fixture = await makeFixture({ relay: { delivery: { sweepEveryMs: 50, ...delivery }, ...relay } });
}

async function press(count: number): Promise<void> {
  const answered = await Promise.all(Array.from({ length: count }, () => fixture.press()));
  expect(answered.map(({ statusCode }) => statusCode)).toEqual(answered.map(() => 202));
}

async function attempts(party: string): Promise<{ startedAt: string; outcome: string | null; detail: string | null }[]> {
  const { rows } = await fixture.database.pool.query<{ started_at: Date; outcome: string | null; detail: string | null }>(
    `select started_at, outcome, detail from attempts join deliveries using (delivery_id)
     where recipient_party = $1 order by started_at, attempts.delivery_id`,
    [party],
  );
  return rows.map((row) => ({ startedAt: row.started_at.toISOString(), outcome: row.outcome, detail: row.detail }));
}

async function stored(party: string): Promise<number> {
  const { rows } = await fixture.database.pool.query<{ count: number }>(
    `select count(*) from deliveries where recipient_party = $1 and state = 'stored'`,
    [party],
  );
  return rows[0]?.count ?? 0;
}

async function audited(action: string): Promise<number> {
  const { rows } = await fixture.database.pool.query<{ count: number }>(
    `select count(*) from audit_entries where convert_from(bytes, 'UTF8')::jsonb->>'action' = $1`,
    [action],
  );
  return rows[0]?.count ?? 0;
}

async function nextDue(): Promise<number | undefined> {
  const { rows } = await fixture.database.pool.query<{ due: Date | null }>(
    `select min(next_due_at) as due from deliveries where recipient_party = $1 and state = 'open'`,
    [POLICE],
  );
  return rows[0]?.due?.getTime();
}

describe('one endpoint among others', () => {
  test('an agency that hangs holds its own attempts and nobody else’s', async () => {
    await open({ concurrency: 6, endpointConcurrency: 4 });
    fixture.police.behave = () => undefined;
    await fixture.relay.start();
    await press(20);
    await waitUntil(async () => (await stored('agency:civil-affairs-440299')) === 20, {
      what: 'the other agency has all of its own',
      deadlineMs: 30_000,
    });
    await waitUntil(() => fixture.police.arrivals.length >= 4, { what: 'the silent agency has as many as it may', deadlineMs: 30_000 });
    expect(fixture.police.arrivals).toHaveLength(4);
  });

  test('a wake-up that finds every slot of its endpoint taken asks for no claim', async () => {
    await open({ endpointConcurrency: 2 });
    fixture.police.behave = () => undefined;
    await fixture.relay.start();
    await press(2);
    await waitUntil(() => fixture.police.arrivals.length === 2, { what: 'both slots of the silent agency are taken' });
    await waitUntil(async () => (await stored('agency:civil-affairs-440299')) === 2, { what: 'the other agency has its own' });
    const asked = await statementsOf(fixture.database, async () => {
      await press(1);
      await waitUntil(async () => (await stored('agency:civil-affairs-440299')) === 3, { what: 'the other agency has it' });
    });
    const claims = asked.filter(({ text }) => /^\s*with candidate as/.test(text));
    expect(claims.filter(({ values }) => values.includes('agency:civil-affairs-440299'))).not.toEqual([]);
    expect(claims.filter(({ values }) => values.includes(POLICE))).toEqual([]);
  });

  test('its attempts are bounded over all relay processes together', async () => {
    await open({ endpointConcurrency: 3 });
    const second = await fixture.another({ delivery: { endpointConcurrency: 3, sweepEveryMs: 50 } });
    fixture.police.behave = () => undefined;
    await press(12);
    await Promise.all([fixture.relay.start(), second.start()]);
    await waitUntil(async () => (await stored('agency:civil-affairs-440299')) === 12, { what: 'both relays have worked' });
    expect(fixture.police.arrivals).toHaveLength(3);
  });

  test('of racing claims as many win as there are slots, and a slot is free again with its attempt’s end or its lease', async () => {
    await open({}, { endpoints: { [POLICE]: { ...LOOPBACK, concurrency: 2, perSecond: 1_000 } } });
    await press(10);
    const { ledger } = fixture.relay;
    const { rows } = await fixture.database.pool.query<{ delivery_id: string }>(
      'select delivery_id from deliveries where recipient_party = $1',
      [POLICE],
    );
    const racing = await Promise.all(
      rows.map(({ delivery_id: deliveryId }) => ledger.claim(FACILITY, { party: POLICE, deliveryId }, LEASE_MS)),
    );
    const [first, second, ...more] = racing.filter((claim) => claim !== undefined);
    expect(more).toEqual([]);
    if (first === undefined || second === undefined) throw new Error('two were to win');
    expect(await ledger.claim(FACILITY, { party: POLICE }, LEASE_MS)).toBeUndefined();
    await ledger.recordUnprovenAttempt(FACILITY, first, {
      outcome: 'unknown',
      status: null,
      detail: 'timeout',
      waitMs: 5_000,
      sign: 'none',
    });
    await expect.poll(() => ledger.claim(FACILITY, { party: POLICE }, 1)).toBeDefined();
    // The one-millisecond lease of that claim has run out.
    await expect.poll(() => ledger.claim(FACILITY, { party: POLICE }, LEASE_MS)).toBeDefined();
    expect(await ledger.claim(FACILITY, { party: POLICE }, LEASE_MS)).toBeUndefined();
  });

  test('its rate spaces the beginnings of its attempts, and its backlog drains at that rate', async () => {
    await open({ sweepEveryMs: 1_000 }, { endpoints: { [POLICE]: { ...LOOPBACK, concurrency: 2, perSecond: 20 } } });
    await press(12);
    const began = performance.now();
    const moments: number[] = [];
    fixture.police.behave = async (...with_) => {
      moments.push(performance.now() - began);
      await stores(...with_);
    };
    await fixture.relay.start();
    await waitUntil(async () => (await stored(POLICE)) === 12, { what: 'the backlog is delivered' });
    // Two slots at twenty a second: each is free again a tenth of a second after it was taken, so the twelfth waits five such turns.
    expect((moments.at(-1) ?? 0) - (moments[0] ?? 0)).toBeGreaterThan(400);
    expect(fixture.police.arrivals).toHaveLength(12);
  });

  test('facilities take turns at it: the backlog of one does not stand before the first report of another', async () => {
    const other = '91440299MA5DEM0002';
    await open(
      {},
      {
        facilityCodes: [FACILITY, other],
        profile: { ...profile, hospitalIndex: { [FACILITY]: 3, [other]: 4 } },
        endpoints: { [POLICE]: { ...LOOPBACK, concurrency: 1, perSecond: 1_000 } },
      },
    );
    await press(12);
    const assertion = await fixture.assertion('report:create report:read', { facility: other });
    const { reportId } = (await fixture.press(aReport(), { ticket: { facility: other }, assertion })).json<{ reportId: string }>();
    await fixture.relay.start();
    await waitUntil(async () => (await stored(POLICE)) === 13, { what: 'everything is delivered', deadlineMs: 30_000 });
    expect(fixture.police.arrivals.findIndex(({ claims }) => claims.reportId === reportId)).toBeLessThan(4);
  });

  test('a private address nobody permitted is not connected to: the report stays open, in sight', async () => {
    await open({}, { endpoints: {} });
    await press(1);
    await fixture.relay.drain();
    expect(fixture.police.arrivals).toEqual([]);
    expect(await attempts(POLICE)).toEqual([expect.objectContaining({ outcome: 'unknown', detail: 'address-refused' })]);
    expect((await fixture.relay.ledger.counts(FACILITY)).byState.open).toBe(2);
  });

  test('a policy or a profile that would fail at an attempt or at a press is refused when the relay is made', async () => {
    await open();
    for (const policy of [{ concurrency: 0 }, { concurrency: 1.5 }, { perSecond: 0 }, { privateNetworks: ['10.0.0.1'] }]) {
      await expect(fixture.another({ endpoints: { [POLICE]: policy } })).rejects.toMatchObject({
        code: 'ZD_ERR_OPTION_INVALID',
        at: `endpoints.${POLICE}`,
      });
    }
    const indexed = (indexes: Record<string, number>) =>
      fixture.another({ facilityCodes: Object.keys(indexes), profile: { ...fixture.options.profile, hospitalIndex: indexes } });
    await expect(indexed({ [FACILITY]: 3, '91440299MA5DEM0002': 3 })).rejects.toMatchObject({ at: 'facilityCodes[1]' });
    await expect(indexed({ [FACILITY]: 100 })).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID', at: 'hospitalIndex' });
  });

  test('INV-7 two channels of one name, which would undo each alarm, are refused when the relay is made', async () => {
    await open();
    const channels = ['sms', 'log', 'sms'].map((name) => recordingChannel(name));
    await expect(fixture.another({ escalation: { channels } })).rejects.toMatchObject({
      code: 'ZD_ERR_OPTION_INVALID',
      at: 'escalation.channels[2].name',
    });
  });

  test('INV-10 a profile that shows a case to somebody who waits for a release, or cannot be worked with, is refused when the relay is made', async () => {
    await open();
    const [police, civilAffairs] = fixture.options.profile.recipients;
    const made = (changed: object, others: object = {}) => {
      const recipients = [police, { ...civilAffairs, ...changed }] as RelayProfile['recipients'];
      return fixture.another({ profile: { ...fixture.options.profile, recipients, ...others } });
    };
    const at = (place: string) => ({ code: 'ZD_ERR_OPTION_INVALID', at: `profile.recipients[1]${place}` });
    await expect(made({ kind: 'education' })).rejects.toMatchObject(at('.view'));
    await expect(made({ view: 'education' })).rejects.toMatchObject(at('.view'));
    await expect(made({ view: 'mayor' })).rejects.toMatchObject(at('.view'));
    await expect(made({ name: '县民政局' })).rejects.toMatchObject(at('.name'));
    await expect(made({ party: police?.party })).rejects.toMatchObject(at(''));
    for (const [from, to] of [
      ['eight', '17:00'],
      ['20:00', '08:00'],
    ])
      await expect(made({ serviceHours: { days: 'working', from, to } })).rejects.toMatchObject(at('.serviceHours'));
    const clocks = { 'civil-affairs': { ...DEFAULT_CLOCKS, urgent: { stored: 10 } } };
    await expect(made({}, { clocks })).rejects.toMatchObject(at(''));
    await expect(made({ kind: 'education', view: 'education' })).resolves.toBeDefined();
  });
});

describe('INV-6 nothing gives up', () => {
  test('INV-6 an agency away for a week is tried at every instant of the ladder, then every hour, and gets the report', async () => {
    await open();
    const began = fixture.clock.now();
    fixture.police.behave = answers(503);
    await press(1);
    const week = began + 7 * 24 * 3_600_000;
    for (let due = await nextDue(); due !== undefined && due < week; due = await nextDue()) {
      fixture.clock.set(new Date(due).toISOString());
      await fixture.relay.drain();
    }
    let at = began;
    const expected: string[] = [];
    for (let rung = 0; at < week; rung += 1) {
      expected.push(new Date(at).toISOString());
      at += ([5, 15, 30, 60, 120, 300, 600, 1800][rung] ?? 3600) * 1000;
    }
    expect(expected.slice(0, 10).map((instant) => (Date.parse(instant) - began) / 1000)).toEqual([
      0, 5, 20, 50, 110, 230, 530, 1130, 2930, 6530,
    ]);
    expect((await attempts(POLICE)).map(({ startedAt }) => startedAt)).toEqual(expected);
    fixture.police.behave = stores;
    fixture.clock.set(new Date(at).toISOString());
    await fixture.relay.drain();
    expect(await stored(POLICE)).toBe(1);
  });

  test('INV-6 a facility that no longer reports here keeps what it is owed, and its agencies’ receipts are taken', async () => {
    await open();
    fixture.police.behave = answers(500);
    await press(1);
    await fixture.relay.drain();
    const arrival = fixture.police.arrivals[0];
    if (arrival === undefined) throw new Error('nothing arrived');
    const other = '91440299MA5DEM0009';
    const later = await fixture.another({
      facilityCodes: [other],
      profile: { ...fixture.options.profile, hospitalIndex: { ...fixture.options.profile.hospitalIndex, [other]: 4 } },
    });
    fixture.police.behave = stores;
    fixture.clock.advance(5_000);
    await later.sweepOnce();
    await later.start();
    await waitUntil(async () => (await stored(POLICE)) === 1, { what: 'the old facility’s report is delivered' });
    const accepted = await fixture.police.receipt(arrival, { stage: 'accepted', receiptId: createId('rcp') });
    const posted = await later.app.inject({
      method: 'POST',
      url: '/v1/agency/receipts',
      headers: { 'content-type': 'application/jose' },
      payload: accepted,
    });
    expect(posted.json()).toEqual({ recorded: true, repeat: false });
  });
});

describe('INV-7 a broken endpoint holds, and never drops', () => {
  const AFTER = 3;
  const PAUSE_MS = 60_000;
  const broken = (): Promise<void> =>
    open({ breakerAfter: AFTER, breakerPauseMs: PAUSE_MS, endpointConcurrency: 1, endpointPerSecond: 1_000 });

  test('INV-7 after some failures in a row its reports wait, one at a time is tried, and all of them go out when one gets through', async () => {
    await broken();
    fixture.police.behave = answers(503);
    await press(10);
    await fixture.relay.drain();
    expect(fixture.police.arrivals).toHaveLength(AFTER);
    expect(await audited('endpoint.breaker-opened')).toBe(1);
    expect(fixture.log.some((line) => line.includes('an endpoint fails again and again'))).toBe(true);
    fixture.clock.advance(PAUSE_MS - 1);
    await fixture.relay.drain();
    expect(fixture.police.arrivals).toHaveLength(AFTER);
    fixture.clock.advance(1);
    await fixture.relay.drain();
    expect(fixture.police.arrivals).toHaveLength(AFTER + 1);
    expect((await fixture.relay.ledger.counts(FACILITY)).byState).toMatchObject({ open: 10, stored: 10 });

    fixture.police.behave = stores;
    fixture.clock.advance(PAUSE_MS);
    await fixture.relay.drain();
    // Those already tried had been put off; they do not wait for their rung now.
    expect(await stored(POLICE)).toBe(10);
    expect(await audited('endpoint.breaker-opened')).toBe(1);
    expect(await audited('endpoint.breaker-closed')).toBe(1);
  });

  test('INV-7 one report that the agency will never take does not make the others wait', async () => {
    await broken();
    const poison: Behaviour = async (arrival, response, agency) => {
      if (arrival.claims.deliveryId === fixture.police.arrivals[0]?.claims.deliveryId) response.writeHead(422).end();
      else await stores(arrival, response, agency);
    };
    fixture.police.behave = poison;
    await press(1);
    for (let times = 0; times < 2 * AFTER; times += 1) {
      await fixture.relay.drain();
      fixture.clock.advance(3_600_000);
    }
    expect(fixture.police.arrivals.length).toBeGreaterThanOrEqual(2 * AFTER);
    await press(3);
    await fixture.relay.drain();
    expect(await stored(POLICE)).toBe(3);
    expect(await audited('endpoint.breaker-opened')).toBe(0);
  });

  test('INV-7 the next probe is not lost to a process whose clock runs ahead', async () => {
    await broken();
    fixture.police.behave = answers(503);
    await press(5);
    await fixture.relay.drain();
    await fixture.database.pool.query(`update endpoint_gates set probe_at = probe_at + interval '1 day' where party = $1`, [POLICE]);
    fixture.police.behave = stores;
    fixture.clock.advance(PAUSE_MS);
    await fixture.relay.drain();
    expect(await stored(POLICE)).toBe(5);
  });

  test('INV-7 while its reports wait nobody asks the ledger for one of them, and for its probe only a few are woken', async () => {
    await broken();
    fixture.police.behave = answers(503);
    await press(10);
    await fixture.relay.drain();
    fixture.clock.advance(PAUSE_MS);
    expect(await fixture.relay.sweepOnce()).toBe(4);
    await fixture.relay.drain();
    expect(fixture.police.arrivals).toHaveLength(AFTER + 1);
    await fixture.relay.start();
    const asked = await statementsOf(fixture.database, async () => {
      await press(1);
      await waitUntil(async () => (await stored('agency:civil-affairs-440299')) === 11, { what: 'the other agency has it' });
    });
    const claims = asked.filter(({ text }) => /^\s*with candidate as/.test(text));
    expect(claims.filter(({ values }) => values.includes('agency:civil-affairs-440299'))).not.toEqual([]);
    expect(claims.filter(({ values }) => values.includes(POLICE))).toEqual([]);
  });

  test('INV-7 the backlog of an endpoint that is away does not stand before the first report of another', async () => {
    await open({ breakerAfter: AFTER, breakerPauseMs: PAUSE_MS, sweepPerEndpoint: 2, endpointConcurrency: 1 });
    fixture.police.behave = answers(503);
    fixture.civilAffairs.behave = answers(503);
    await press(10);
    await fixture.relay.drain();
    fixture.civilAffairs.behave = stores;
    fixture.clock.advance(PAUSE_MS);
    await fixture.relay.drain();
    expect(await stored('agency:civil-affairs-440299')).toBe(10);
    expect(await stored(POLICE)).toBe(0);
  });
});
