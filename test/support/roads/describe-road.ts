import { createHash, randomBytes } from 'node:crypto';
import { createId } from '@zhida/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { reconcileLedger, type ReportStatus } from '@zhida/relay';
import type { Exchanger, Receiver } from '@zhida/receiver';
import { aReport, FACILITY, type Fixture } from '../../../packages/relay/test/support/fixture.js';

/** What is done to everything that is under way, in one round. */
export interface Weather {
  /** Nothing comes back this round: receipts and statements are lost. */
  readonly nothingBack?: boolean;
  /** Everything arrives twice, and in another order. */
  readonly disorder?: boolean;
  /** The agency takes nothing this round. */
  readonly away?: boolean;
}

/** One way between a relay and an agency, both real. */
export interface Road {
  readonly fixture: Fixture;
  readonly receiver: Receiver;
  readonly exchanger: Exchanger;
  /** Carries what is under way there and back once. */
  carry(weather?: Weather): Promise<void>;
  close(): Promise<void>;
}

const officer = { id: 'P1024', name: '警员甲' };
const HOUR = 3_600_000;

/** The promises of every road: one envelope, one receipt, whatever lies between. */
export function describeRoad(name: string, open: () => Promise<Road>): void {
  describe(`the road: ${name}`, () => {
    let road: Road;
    beforeEach(async () => {
      road = await open();
    });
    afterEach(async () => road.close());

    async function press(overrides: Record<string, unknown> = {}): Promise<string> {
      const answer = await road.fixture.press(aReport(overrides));
      expect(answer.statusCode).toBe(202);
      return answer.json<{ reportId: string }>().reportId;
    }
    async function line(reportId: string): Promise<ReportStatus['lines'][number] | undefined> {
      const status = await road.fixture.relay.ledger.status(FACILITY, reportId);
      return status?.lines.find(({ recipient }) => recipient.kind === 'police');
    }
    async function arrived(): Promise<string[]> {
      return (await road.receiver.list()).map(({ reportId }) => reportId).sort();
    }

    test('INV-4 what is pressed arrives once, however often it is carried, and its receipt closes it', async () => {
      const reportId = await press();
      for (let round = 0; round < 3; round += 1) {
        await road.carry();
        road.fixture.clock.advance(HOUR);
      }
      expect(await arrived()).toEqual([reportId]);
      expect(await line(reportId)).toMatchObject({ state: 'stored', nextDueAt: null });
    });

    test('INV-5 the road itself proves nothing: without the agency’s receipt the delivery stays open', async () => {
      const reportId = await press();
      await road.carry({ nothingBack: true });
      expect(await arrived()).toEqual([reportId]);
      expect(await line(reportId)).toMatchObject({ state: 'open', lastOutcome: 'unknown', attempts: 1 });
      await road.carry({ away: true });
      expect(await line(reportId)).toMatchObject({ state: 'open' });
    });

    test('a receipt that was lost comes again, the same one, and the agency keeps one report', async () => {
      const reportId = await press();
      await road.carry({ nothingBack: true });
      road.fixture.clock.advance(HOUR);
      await road.carry();
      expect(await line(reportId)).toMatchObject({ state: 'stored' });
      const { rows } = await road.fixture.database.pool.query<{ count: number }>(
        'select count(*)::int as count from receipts where report_id = $1',
        [reportId],
      );
      expect(rows[0]?.count).toBe(1);
      expect(await arrived()).toEqual([reportId]);
    });

    test('an agency that is away for a day has everything afterwards', async () => {
      const reports = [await press(), await press(), await press()];
      for (let round = 0; round < 3; round += 1) {
        await road.carry({ away: true });
        road.fixture.clock.advance(8 * HOUR);
      }
      expect(await arrived()).toEqual([]);
      await road.carry();
      expect(await arrived()).toEqual(reports.toSorted());
    });

    test('twice and out of order, a follow-up before its original, leaves each report once and stored', async () => {
      const first = await press();
      const rest = await Promise.all(Array.from({ length: 24 }, () => press({ kind: 'follow-up', chain: { id: first } })));
      await road.carry({ disorder: true });
      road.fixture.clock.advance(HOUR);
      await road.carry({ disorder: true });
      expect(await arrived()).toEqual([first, ...rest].sort());
      expect((await Promise.all([first, ...rest].map(line))).map((found) => found?.state)).toEqual(
        Array.from({ length: 25 }, () => 'stored'),
      );
    });

    test('INV-9 an attachment follows its report and never holds it: it comes whole, once, and its own receipt says so', async () => {
      const attachmentId = createId('att');
      const bytes = randomBytes(2_500_000);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const reportId = await press({ attachments: [{ id: attachmentId, contentType: 'image/jpeg', sha256 }] });
      await road.carry();
      expect(await line(reportId)).toMatchObject({ state: 'stored' });
      const headers = {
        authorization: `Bearer ${await road.fixture.assertion('report:create report:read')}`,
        'idempotency-key': attachmentId,
        'content-type': 'image/jpeg',
      };
      const url = `/v1/reports/${reportId}/attachments`;
      expect((await road.fixture.relay.app.inject({ method: 'POST', url, headers, payload: bytes })).statusCode).toBe(201);
      for (const weather of [{ nothingBack: true }, { disorder: true }, {}]) {
        await road.carry(weather);
        road.fixture.clock.advance(HOUR);
      }
      const [row] = await road.receiver.list();
      const opened = await road.receiver.openAttachment(row?.deliveryId ?? '', attachmentId, officer);
      expect({ type: opened.contentType, same: bytes.equals(opened.content) }).toEqual({ type: 'image/jpeg', same: true });
      const fresh = { ...headers, authorization: `Bearer ${await road.fixture.assertion('report:read')}` };
      const { attachments } = (await road.fixture.relay.app.inject({ url, headers: fresh })).json<{ attachments: unknown[] }>();
      const recipients = [{ party: 'agency:police-440299', receivedAt: expect.any(String) as string }];
      expect(attachments).toEqual([expect.objectContaining({ attachmentId, sha256, size: bytes.length, recipients })]);
    });

    test('the day is compared: agreed, or the receipt that is missing is named and called out until it comes', async () => {
      await press();
      await road.carry();
      const [row] = await road.receiver.list();
      await road.receiver.accept(row?.deliveryId ?? '', { officer });
      const missing = async () => {
        const { exchanges } = (await road.fixture.operate('GET', '/v1/exchanges')).json<{
          exchanges: { day: string; agrees: boolean; missingHere: string[]; missingThere: string[] }[];
        }>();
        return exchanges
          .filter(({ day }) => day === '2026-11-22')
          .map(({ agrees, missingHere, missingThere }) => [agrees, missingHere.length, missingThere.length]);
      };
      road.fixture.clock.advance(12 * HOUR);
      await road.exchanger.exchangeOnce();
      await road.carry();
      expect(await missing()).toEqual([[false, 1, 0]]);
      const { alarms } = (await road.fixture.operate('GET', '/v1/escalations')).json<{ alarms: { rung: string }[] }>();
      expect(alarms.map(({ rung }) => rung)).toContain('exchange-difference');
      expect((await reconcileLedger(road.fixture.database.pool)).differences.map(({ what }) => what)).toEqual([
        'a day an agency says something else of',
      ]);
      await road.receiver.flushOutbox();
      await road.carry();
      road.fixture.clock.advance(HOUR);
      await road.fixture.relay.sweepOnce();
      expect(await missing()).toEqual([[true, 0, 0]]);
      expect((await reconcileLedger(road.fixture.database.pool)).differences).toEqual([]);
      // The agency hears the relay's own word too, by whatever way, and then has nothing more to tell.
      await road.exchanger.exchangeOnce();
      await road.carry();
      await road.carry();
      road.fixture.clock.advance(2 * HOUR);
      expect(await road.exchanger.exchangeOnce()).toEqual([]);
    });

    test('acceptance, outcome and the opening of a sealed group come back', async () => {
      const reportId = await press();
      await road.carry();
      const [row] = await road.receiver.list();
      const deliveryId = row?.deliveryId ?? '';
      await road.receiver.accept(deliveryId, { officer, agencyNumber: 'J-7' });
      await road.receiver.feedback(deliveryId, { officer, code: 'case-accepted' });
      await road.receiver.openRestricted(deliveryId, 'reporter', officer, '核实报案人');
      await road.receiver.flushOutbox();
      await road.carry();
      expect(await line(reportId)).toMatchObject({ state: 'accepted', agencyNumber: 'J-7' });
      const { rows } = await road.fixture.database.pool.query<{ feedback: number; openings: number }>(
        'select (select count(*)::int from feedback where report_id = $1) as feedback, (select count(*)::int from openings where report_id = $1) as openings',
        [reportId],
      );
      expect(rows).toEqual([{ feedback: 1, openings: 1 }]);
    });
  });
}
