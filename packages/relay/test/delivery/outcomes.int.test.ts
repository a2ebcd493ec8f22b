import { createId } from '@zhida/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ReportStatus, StatusLine } from '../../src/index.js';
import { FACILITY, type Fixture, makeFixture } from '../support/fixture.js';
import { answers, type Behaviour, stores } from '../support/scripted-agency.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture({ relay: { delivery: { attemptTimeoutMs: 2_500, leaseMarginMs: 1_000, leaseMs: 5_000 } } });
});
afterAll(async () => fixture.close());
beforeEach(() => {
  fixture.police.behave = stores;
  fixture.civilAffairs.behave = stores;
  fixture.police.arrivals.length = 0;
});

async function pressed(): Promise<string> {
  return (await fixture.press()).json<{ reportId: string }>().reportId;
}

async function statusOf(reportId: string): Promise<ReportStatus> {
  const status = await fixture.relay.ledger.status(FACILITY, reportId);
  if (status === undefined) throw new Error('no status');
  return status;
}

async function policeLine(reportId: string): Promise<StatusLine> {
  const line = (await statusOf(reportId)).lines.find(({ recipient }) => recipient.kind === 'police');
  if (line === undefined) throw new Error('no police line');
  return line;
}

async function attemptsOf(deliveryId: string): Promise<{ fence: number; outcome: string; status: number | null; detail: string }[]> {
  const { rows } = await fixture.database.pool.query<{ fence: number; outcome: string; status: number | null; detail: string }>(
    'select fence, outcome, status, detail from attempts where delivery_id = $1 order by fence',
    [deliveryId],
  );
  return rows;
}

/** Closes what a test left open, so that the next one counts only its own. */
async function settle(): Promise<void> {
  fixture.police.behave = stores;
  fixture.civilAffairs.behave = stores;
  fixture.clock.advance(7_200_000);
  await fixture.relay.drain();
}

describe('INV-5 only a receipt that proves closes a delivery', () => {
  const cases: [string, Behaviour, { outcome: string; status: number | null; detail: string }][] = [
    [
      '200 without a receipt',
      answers(200, { 'content-type': 'application/json' }, '{"ok":true}'),
      { outcome: 'unknown', status: 200, detail: 'no-receipt' },
    ],
    [
      '200 with an empty body',
      answers(200, { 'content-type': 'application/jose' }),
      { outcome: 'unknown', status: 200, detail: 'receipt-not-verified' },
    ],
    ['202', answers(202), { outcome: 'unknown', status: 202, detail: 'no-receipt' }],
    ['204', answers(204), { outcome: 'unknown', status: 204, detail: 'no-receipt' }],
    ['302 to another place', answers(302, { location: 'http://127.0.0.1:9/' }), { outcome: 'refused', status: 302, detail: 'http-302' }],
    ['400', answers(400), { outcome: 'refused', status: 400, detail: 'http-400' }],
    ['401', answers(401), { outcome: 'refused', status: 401, detail: 'http-401' }],
    ['410 Gone', answers(410), { outcome: 'refused', status: 410, detail: 'http-410' }],
    ['500', answers(500), { outcome: 'unknown', status: 500, detail: 'http-500' }],
    [
      'an answer that never ends',
      (_arrival, response) => void response.writeHead(200, { 'content-type': 'application/jose' }).write('a'),
      { outcome: 'unknown', status: null, detail: 'timeout' },
    ],
    ['no answer in time', () => undefined, { outcome: 'unknown', status: null, detail: 'timeout' }],
    [
      'a connection that breaks',
      (_arrival, response) => void response.destroy(),
      { outcome: 'unknown', status: null, detail: 'connection' },
    ],
    [
      'an answer of 70 000 bytes',
      answers(200, { 'content-type': 'application/jose' }, 'a'.repeat(70_000)),
      { outcome: 'unknown', status: 200, detail: 'answer-too-large' },
    ],
  ];

  test.each(cases)('INV-5 %s leaves it open and due again', async (_name, behaviour, expected) => {
    const reportId = await pressed();
    fixture.police.behave = behaviour;
    await fixture.relay.drain();
    const line = await policeLine(reportId);
    expect(line).toMatchObject({ state: 'open', attempts: 1, lastOutcome: expected.outcome, storedAt: null });
    expect(Date.parse(line.nextDueAt ?? '') - fixture.clock.now()).toBe(5_000);
    expect(await attemptsOf(line.deliveryId)).toEqual([{ fence: 1, ...expected }]);
    expect((await statusOf(reportId)).headline).toBe('submitted');
    await settle();
    expect((await policeLine(reportId)).state).toBe('stored');
  });

  test('INV-5 a mismatching receipt of the agency itself is kept as a conflict, once, and logged', async () => {
    const reportId = await pressed();
    fixture.police.behave = async (arrival, response, agency) => {
      const jws = await agency.receipt(arrival, { payloadSha256: 'f'.repeat(64), receiptId: createId('rcp') });
      response.writeHead(200, { 'content-type': 'application/jose' }).end(jws);
    };
    await fixture.relay.drain();
    const { rows } = await fixture.database.pool.query(`select kind from receipts where report_id = $1`, [reportId]);
    expect(rows.filter(({ kind }) => kind === 'conflict')).toHaveLength(1);
    expect(fixture.log.some((line) => line.includes('receipt of something else'))).toBe(true);
    await settle();
  });
});

describe('INV-4 every attempt is the same report', () => {
  test('INV-4 delivery id and payload bytes are equal on every attempt, only the encryption is new', async () => {
    const reportId = await pressed();
    fixture.police.behave = answers(500);
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await fixture.relay.drain();
      fixture.clock.advance(3_600_000);
    }
    const arrivals = fixture.police.arrivals.filter(({ claims }) => claims.reportId === reportId);
    expect(arrivals).toHaveLength(4);
    expect(new Set(arrivals.map(({ webhookId }) => webhookId)).size).toBe(1);
    expect(new Set(arrivals.map(({ payload }) => Buffer.from(payload).toString('hex'))).size).toBe(1);
    expect(new Set(arrivals.map(({ jwe }) => jwe)).size).toBe(4);
    await settle();
    expect((await policeLine(reportId)).attempts).toBe(5);
  });

  test('INV-4 a payload once rendered is refused any other bytes by the database itself', async () => {
    const { deliveryId } = await policeLine(await pressed());
    await expect(
      fixture.database.pool.query(`update deliveries set payload_sealed = '\\x00' where delivery_id = $1`, [deliveryId]),
    ).rejects.toMatchObject({ code: '23514' });
    await settle();
  });
});

describe('the schedule', () => {
  test('a delivery nobody receipts is tried at the instants of the ladder and never given up', async () => {
    const reportId = await pressed();
    fixture.police.behave = answers(503);
    const start = fixture.clock.now();
    const seconds: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      await fixture.relay.drain();
      const due = Date.parse((await policeLine(reportId)).nextDueAt ?? '');
      seconds.push((due - start) / 1000);
      fixture.clock.advance(due - fixture.clock.now() - 1);
      await fixture.relay.drain();
      expect((await policeLine(reportId)).attempts).toBe(attempt + 1);
      fixture.clock.advance(1);
    }
    expect(seconds).toEqual([5, 20, 50, 110, 230, 530, 1130, 2930, 6530, 10_130, 13_730, 17_330]);
    await settle();
  });

  test('Retry-After puts the next attempt off up to the next rung', async () => {
    for (const [asked, waited] of [
      ['12', 12_000],
      ['86400', 15_000],
      ['1', 5_000],
    ] as const) {
      const reportId = await pressed();
      fixture.police.behave = answers(429, { 'retry-after': asked });
      await fixture.relay.drain();
      expect(Date.parse((await policeLine(reportId)).nextDueAt ?? '') - fixture.clock.now()).toBe(waited);
      await settle();
    }
  });
});

describe('fence and lease', () => {
  const LEASE_MS = 60_000;
  const failed = { outcome: 'unknown', status: null, detail: 'timeout', waitMs: 5_000, sign: 'none' } as const;
  const party = 'agency:police-440299';

  test('of twenty racing claims of one delivery exactly one wins', async () => {
    const { deliveryId } = await policeLine(await pressed());
    const claims = await Promise.all(
      Array.from({ length: 20 }, () => fixture.relay.ledger.claim(FACILITY, { party, deliveryId }, LEASE_MS)),
    );
    expect(claims.filter((claim) => claim !== undefined)).toEqual([{ deliveryId, fence: 1, party }]);
    await fixture.relay.ledger.recordUnprovenAttempt(FACILITY, { deliveryId, fence: 1, party }, failed);
    await settle();
  });

  test('a claim of another facility, of an unknown delivery or before the time wins nothing', async () => {
    const { deliveryId } = await policeLine(await pressed());
    const { ledger } = fixture.relay;
    expect(await ledger.claim('91440299MA5DEM0009', { party, deliveryId }, LEASE_MS)).toBeUndefined();
    expect(await ledger.claim(FACILITY, { party, deliveryId: createId('dlv') }, LEASE_MS)).toBeUndefined();
    fixture.clock.advance(-1);
    expect(await ledger.claim(FACILITY, { party, deliveryId }, LEASE_MS)).toBeUndefined();
    fixture.clock.advance(1);
    await settle();
  });

  test('INV-4 an attempt that lost its lease may not move the schedule', async () => {
    const reportId = await pressed();
    const { deliveryId } = await policeLine(reportId);
    const { ledger } = fixture.relay;
    const late = await ledger.claim(FACILITY, { party, deliveryId }, 1);
    if (late === undefined) throw new Error('not won');
    await expect.poll(() => ledger.claim(FACILITY, { party, deliveryId }, LEASE_MS)).toMatchObject({ fence: 2 });
    const before = await policeLine(reportId);
    expect(await ledger.recordUnprovenAttempt(FACILITY, late, failed)).toMatchObject({ moved: false, breaker: 'none' });
    expect((await policeLine(reportId)).nextDueAt).toBe(before.nextDueAt);
    const { rows } = await fixture.database.pool.query(
      'select fence, outcome, lease_lost from attempts where delivery_id = $1 order by fence',
      [deliveryId],
    );
    expect(rows).toEqual([
      { fence: 1, outcome: 'unknown', lease_lost: true },
      { fence: 2, outcome: null, lease_lost: null },
    ]);
    await settle();
  });

  test('a state that would fall is refused by the database itself', async () => {
    const reportId = await pressed();
    await fixture.relay.drain();
    const { deliveryId } = await policeLine(reportId);
    for (const state of ['open', 'attested']) {
      await expect(
        fixture.database.pool.query('update deliveries set state = $2 where delivery_id = $1', [deliveryId, state]),
      ).rejects.toMatchObject({ code: '23514' });
    }
    await expect(fixture.database.pool.query('delete from deliveries where delivery_id = $1', [deliveryId])).rejects.toMatchObject({
      code: '23514',
    });
  });
});
