import { createHash, randomBytes } from 'node:crypto';
import { createId, localDate } from '@zhida/core';
import type { Exchanger, InboxRow, Receiver } from '@zhida/receiver';
import { reconcileLedger, type ReportStatus } from '@zhida/relay';
import { openEnvelope } from '@zhida/signing';
import type { TestQueue } from '@zhida/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aReport, FACILITY, type Fixture } from '../../../packages/relay/test/support/fixture.js';
import type { BackendUnderTest } from './backends.js';
import { type Lie, LIES } from './lies.js';

/** What is done to everything that is under way, in one round. */
export interface Weather {
  /** Nothing comes back this round: receipts and statements are lost. */
  readonly nothingBack?: boolean;
  /** Everything arrives twice, and in another order. */
  readonly disorder?: boolean;
  /** The agency takes nothing this round. */
  readonly away?: boolean;
  /** Every receipt that comes back is another one than the agency gave. */
  readonly lie?: Lie;
  /** Done while the agency has it, and before anything comes back. */
  readonly meanwhile?: () => Promise<unknown>;
}

/** One way between a relay at work and an agency, both real. */
export interface Road {
  readonly fixture: Fixture;
  readonly receiver: Receiver;
  readonly exchanger: Exchanger;
  /** Every envelope that has come to the agency's receiver, oldest first. */
  readonly envelopes: readonly Uint8Array[];
  /** True if the relay calls the agency itself, so that it is told when the agency is away. */
  readonly calls: boolean;
  /** Carries what is under way there and back once. */
  readonly carry: (weather?: Weather) => Promise<void>;
  close(): Promise<void>;
}

export type OpenRoad = (queue: (databaseUrl: string) => TestQueue | Promise<TestQueue>) => Promise<Road>;

const POLICE = 'agency:police-440299';
const officer = { id: 'P1024', name: '警员甲' };
const HOUR = 3_600_000;
/** Than a page of an inbox, or what one relay carries at once for another. */
const MORE = 21;

/**
 * The promises of every road over every queue: one envelope, one receipt, whatever lies between and whatever carries the wake-ups. The
 * road is opened once; each test speaks of its own reports.
 */
export function describeRoad(name: string, open: OpenRoad, backend: BackendUnderTest): void {
  describe(`the road: ${name}, woken by ${backend.name}`, () => {
    let road: Road;
    beforeAll(async () => {
      road = await open((url) => backend.queue(url));
    });
    afterAll(async () => road.close());

    const act = actsOn(() => road);
    describe('a report', () => reportTests(() => road, act));
    describe('trouble', () => troubleTests(() => road, act, backend));
    describe('what comes after it', () => laterTests(() => road, act));
  });
}

type Line = ReportStatus['lines'][number];

/** What the tests do on a road again and again. */
interface Acts {
  readonly press: (overrides?: Record<string, unknown>) => Promise<string>;
  readonly line: (reportId: string) => Promise<Line | undefined>;
  /** How often each of these reports lies in the agency's inbox. */
  readonly copies: (...reportIds: string[]) => Promise<number[]>;
  readonly row: (reportId: string) => Promise<InboxRow>;
  readonly carryEachHour: (...weathers: Weather[]) => Promise<void>;
}

function actsOn(road: () => Road): Acts {
  return {
    async press(overrides = {}) {
      const answer = await road().fixture.press(aReport(overrides));
      expect(answer.statusCode).toBe(202);
      return answer.json<{ reportId: string }>().reportId;
    },
    async line(reportId) {
      const status = await road().fixture.relay.ledger.status(FACILITY, reportId);
      return status?.lines.find(({ recipient }) => recipient.kind === 'police');
    },
    async copies(...reportIds) {
      const rows = await road().receiver.list();
      return reportIds.map((id) => rows.filter(({ reportId }) => reportId === id).length);
    },
    async row(reportId) {
      const found = (await road().receiver.list()).find((row) => row.reportId === reportId);
      if (found === undefined) throw new Error('the report has not come');
      return found;
    },
    async carryEachHour(...weathers) {
      for (const weather of weathers) {
        await road().carry(weather);
        road().fixture.clock.advance(HOUR);
      }
    },
  };
}

async function receiptsOf({ fixture }: Road, reportId: string): Promise<number> {
  const { rows } = await fixture.database.pool.query<{ count: number }>(
    `select count(*)::int as count from receipts where report_id = $1 and kind = 'receipt'`,
    [reportId],
  );
  return rows[0]?.count ?? 0;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The hashes of the payload bytes of every envelope of one report that has come. */
async function payloadsOf({ envelopes, fixture }: Road, reportId: string): Promise<string[]> {
  const { parties, clock } = fixture;
  const opened = await Promise.all(
    envelopes.map(async (bytes) =>
      openEnvelope({ envelope: Buffer.from(bytes).toString('ascii'), keys: parties.police, now: clock.now() }).catch(() => undefined),
    ),
  );
  return opened.flatMap((one) => (one?.claims.reportId === reportId ? [sha256(one.payload)] : []));
}

function reportTests(road: () => Road, { press, line, copies, carryEachHour }: Acts): void {
  test('INV-4 what is pressed arrives once, however often it is carried, and its receipt closes it', async () => {
    const reportId = await press();
    await carryEachHour({}, {}, {});
    expect(await copies(reportId)).toEqual([1]);
    expect(await line(reportId)).toMatchObject({ state: 'stored', nextDueAt: null });
  });

  test('INV-4 INV-5 the road itself proves nothing: until the agency’s receipt comes, the same bytes go again, and the agency keeps one report', async () => {
    const reportId = await press();
    await road().carry({ nothingBack: true });
    expect(await line(reportId)).toMatchObject({ state: 'open', lastOutcome: 'unknown', attempts: 1 });
    road().fixture.clock.advance(HOUR);
    await carryEachHour({ nothingBack: true });
    expect(await line(reportId)).toMatchObject({ state: 'open', attempts: 2 });
    await road().carry();
    expect(await line(reportId)).toMatchObject({ state: 'stored' });
    const payloads = await payloadsOf(road(), reportId);
    expect(payloads.length).toBeGreaterThanOrEqual(2);
    const { rows } = await road().fixture.database.pool.query<{ sealed: string }>(
      'select payload_sha256 as sealed from deliveries where report_id = $1',
      [reportId],
    );
    // Sealed with the 202, before any road was chosen.
    expect([...new Set(payloads)]).toEqual(rows.map(({ sealed }) => sealed));
    expect([await copies(reportId), await receiptsOf(road(), reportId)]).toEqual([[1], 1]);
  });

  test.each(Object.entries(LIES) as [Lie, readonly string[]][])(
    'INV-5 a receipt of %s is refused by its code and closes nothing, and the true one does',
    async (lie, codes) => {
      const { fixture } = road();
      const reportId = await press();
      const before = fixture.log.length;
      await carryEachHour({ lie });
      expect(await line(reportId)).toMatchObject({ state: 'open' });
      await carryEachHour({}, {});
      expect(fixture.log.slice(before).some((said) => codes.some((code) => said.includes(`"${code}"`)))).toBe(true);
      expect(await line(reportId)).toMatchObject({ state: 'stored' });
      expect(await copies(reportId)).toEqual([1]);
    },
  );

  test('INV-4 INV-5 a receipt counts also where whoever waited for it has lost the lease to another meanwhile', async () => {
    const reportId = await press();
    const meanwhile = async () =>
      road().fixture.database.pool.query(
        `update deliveries set fence = fence + 1, lease_until = now() + interval '1 hour' where report_id = $1`,
        [reportId],
      );
    await road().carry({ meanwhile });
    expect(await line(reportId)).toMatchObject({ state: 'stored', nextDueAt: null });
    expect(await receiptsOf(road(), reportId)).toBe(1);
  });

  test('twice, out of order and half copied, a follow-up before its original, leaves each report once and stored', async () => {
    const first = await press();
    const rest = await Promise.all(Array.from({ length: MORE }, () => press({ kind: 'follow-up', chain: { id: first } })));
    await carryEachHour({ disorder: true }, { disorder: true });
    expect(await copies(first, ...rest)).toEqual([first, ...rest].map(() => 1));
    expect(new Set((await Promise.all([first, ...rest].map(line))).map((found) => found?.state))).toEqual(new Set(['stored']));
  });
}

function troubleTests(road: () => Road, { press, line, copies, carryEachHour }: Acts, backend: BackendUnderTest): void {
  async function breakerIsOpen(): Promise<boolean> {
    const { rows } = await road().fixture.database.pool.query('select from endpoint_gates where party = $1 and opened_at is not null', [
      POLICE,
    ]);
    return rows.length > 0;
  }

  test('INV-7 an agency that is away for a day has everything afterwards; its breaker opens where it is called, and closes', async () => {
    const reports = [await press(), await press(), await press()];
    await carryEachHour({ away: true }, { away: true }, { away: true });
    expect(await copies(...reports)).toEqual([0, 0, 0]);
    expect(await breakerIsOpen()).toBe(road().calls);
    road().fixture.clock.advance(21 * HOUR);
    await carryEachHour({}, {});
    expect(await copies(...reports)).toEqual([1, 1, 1]);
    expect((await Promise.all(reports.map(line))).map((found) => found?.state)).toEqual(['stored', 'stored', 'stored']);
    expect(await breakerIsOpen()).toBe(false);
  });

  test('a breaker that stands open is closed by the first that the endpoint takes, however its receipt comes back', async () => {
    const reportId = await press();
    await road().fixture.database.pool.query('update endpoint_gates set failures = 9, opened_at = now(), probe_at = $1', [
      new Date(road().fixture.clock.now()),
    ]);
    await carryEachHour({}, {});
    expect([await breakerIsOpen(), (await line(reportId))?.state]).toEqual([false, 'stored']);
  });

  test('INV-3 a queue that is flushed with reports open costs latency and nothing else', async () => {
    const reports = await Promise.all(Array.from({ length: 8 }, () => press()));
    await carryEachHour({ away: true });
    await backend.flush(road().fixture);
    await carryEachHour({}, {});
    expect((await Promise.all(reports.map(line))).map((found) => found?.state)).toEqual(reports.map(() => 'stored'));
    expect(await copies(...reports)).toEqual(reports.map(() => 1));
  });

  test('INV-7 a disabled endpoint holds what is pressed, and gives it once it is enabled again', async () => {
    const { fixture } = road();
    await fixture.turn(POLICE, 'disable');
    const reports = [await press(), await press()];
    await carryEachHour({}, {});
    expect(await copies(...reports)).toEqual([0, 0]);
    expect((await Promise.all(reports.map(line))).map((found) => found?.state)).toEqual(['open', 'open']);
    await fixture.turn(POLICE, 'enable');
    await carryEachHour({}, {});
    expect(await copies(...reports)).toEqual([1, 1]);
    expect((await Promise.all(reports.map(line))).map((found) => found?.state)).toEqual(['stored', 'stored']);
  });
}

function laterTests(road: () => Road, acts: Acts): void {
  const { press, line, row, carryEachHour } = acts;

  test('INV-9 an attachment follows its report and never holds it: it comes whole, once, and its own receipt says so', async () => {
    await attachmentArrives(road(), acts);
  });

  test('acceptance, outcome and the opening of a sealed group come back', async () => {
    const reportId = await press();
    await carryEachHour({});
    const { receiver, fixture } = road();
    const { deliveryId } = await row(reportId);
    await receiver.accept(deliveryId, { officer, agencyNumber: 'J-7' });
    await receiver.feedback(deliveryId, { officer, code: 'case-accepted' });
    await receiver.openRestricted(deliveryId, 'reporter', officer, '核实报案人');
    await receiver.flushOutbox();
    await carryEachHour({});
    expect(await line(reportId)).toMatchObject({ state: 'accepted', agencyNumber: 'J-7' });
    const { rows } = await fixture.database.pool.query<{ feedback: number; openings: number }>(
      'select (select count(*)::int from feedback where report_id = $1) as feedback, (select count(*)::int from openings where report_id = $1) as openings',
      [reportId],
    );
    expect(rows).toEqual([{ feedback: 1, openings: 1 }]);
  });

  test('an error notice is closed by the agency’s own 已停止使用 of it and by nothing less', async () => {
    const reportId = await press();
    await carryEachHour({});
    const notice = await press({ kind: 'error-notice', errorReason: 'wrong-patient', chain: { id: reportId } });
    await carryEachHour({});
    const { receiver } = road();
    const say = async (saying: Promise<unknown>): Promise<Line | undefined> => {
      await saying;
      await receiver.flushOutbox();
      await carryEachHour({});
      return line(notice);
    };
    expect(await say(receiver.accept((await row(reportId)).deliveryId, { officer }))).toMatchObject({ state: 'stored' });
    expect(await say(receiver.accept((await row(notice)).deliveryId, { officer }))).toMatchObject({ state: 'stored' });
    expect(await say(receiver.stoppedUsing((await row(notice)).deliveryId, { officer }))).toMatchObject({ state: 'accepted' });
  });

  test('the day is compared: agreed, or the receipt that is missing is named and called out until it comes; then the whole ledger agrees', async () => {
    // A day of its own: by the next midnight nothing else of this road is under way.
    road().fixture.clock.advance(24 * HOUR);
    await dayIsCompared(road(), acts);
  });
}

async function attachmentArrives({ fixture, receiver }: Road, { press, line, row, carryEachHour }: Acts): Promise<void> {
  const attachmentId = createId('att');
  const bytes = randomBytes(2_500_000);
  const hash = sha256(bytes);
  const reportId = await press({ attachments: [{ id: attachmentId, contentType: 'image/jpeg', sha256: hash }] });
  await carryEachHour({});
  expect(await line(reportId)).toMatchObject({ state: 'stored' });
  const headers = {
    authorization: `Bearer ${await fixture.assertion('report:create report:read')}`,
    'idempotency-key': attachmentId,
    'content-type': 'image/jpeg',
  };
  const url = `/v1/reports/${reportId}/attachments`;
  expect((await fixture.relay.app.inject({ method: 'POST', url, headers, payload: bytes })).statusCode).toBe(201);
  await carryEachHour({ nothingBack: true }, { disorder: true }, {});
  const opened = await receiver.openAttachment((await row(reportId)).deliveryId, attachmentId, officer);
  expect({ type: opened.contentType, same: bytes.equals(opened.content) }).toEqual({ type: 'image/jpeg', same: true });
  const fresh = { ...headers, authorization: `Bearer ${await fixture.assertion('report:read')}` };
  const { attachments } = (await fixture.relay.app.inject({ url, headers: fresh })).json<{ attachments: unknown[] }>();
  const recipients = [{ party: POLICE, receivedAt: expect.any(String) as string }];
  expect(attachments).toEqual([expect.objectContaining({ attachmentId, sha256: hash, size: bytes.length, recipients })]);
}

async function dayIsCompared({ fixture, receiver, exchanger, carry }: Road, { press, row }: Acts): Promise<void> {
  const { year, month, day: dayOfMonth } = localDate(fixture.clock.now());
  const today = [year, String(month).padStart(2, '0'), String(dayOfMonth).padStart(2, '0')].join('-');
  const reportId = await press();
  await carry();
  await receiver.accept((await row(reportId)).deliveryId, { officer });
  const missing = async () => {
    const { exchanges } = (await fixture.operate('GET', '/v1/exchanges')).json<{
      exchanges: { day: string; agrees: boolean; missingHere: string[]; missingThere: string[] }[];
    }>();
    return exchanges
      .filter(({ day }) => day === today)
      .map(({ agrees, missingHere, missingThere }) => [agrees, missingHere.length, missingThere.length]);
  };
  fixture.clock.advance(24 * HOUR);
  await exchanger.exchangeOnce();
  await carry();
  expect(await missing()).toEqual([[false, 1, 0]]);
  const { alarms } = (await fixture.operate('GET', '/v1/escalations')).json<{ alarms: { rung: string }[] }>();
  expect(alarms.map(({ rung }) => rung)).toContain('exchange-difference');
  expect((await reconcileLedger(fixture.database.pool)).differences.map(({ what }) => what)).toEqual([
    'a day an agency says something else of',
  ]);
  await receiver.flushOutbox();
  await carry();
  fixture.clock.advance(HOUR);
  await fixture.relay.sweepOnce();
  expect(await missing()).toEqual([[true, 0, 0]]);
  expect((await reconcileLedger(fixture.database.pool)).differences).toEqual([]);
  // The agency hears the relay's own word too, by whatever way, and then has nothing more to tell.
  await exchanger.exchangeOnce();
  await carry();
  await carry();
  fixture.clock.advance(2 * HOUR);
  expect(await exchanger.exchangeOnce()).toEqual([]);
}
