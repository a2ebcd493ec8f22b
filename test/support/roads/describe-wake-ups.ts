import { waitUntil } from '@zhida/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FACILITY, type Fixture, makeFixture } from '../../../packages/relay/test/support/fixture.js';
import type { BackendUnderTest } from './backends.js';

/** How a worker is woken, and that nobody need be, whichever backend carries the wake-ups. */
export function describeWakeUps(backend: BackendUnderTest): void {
  describe(`wake-ups over ${backend.name}`, () => {
    let fixture: Fixture;
    beforeEach(async () => {
      fixture = await makeFixture({ queue: (url) => backend.queue(url), relay: { delivery: { sweepEveryMs: 100, breakerAfter: 1_000 } } });
    });
    afterEach(async () => fixture.close());

    async function pressMany(count: number): Promise<string[]> {
      const answers = await Promise.all(Array.from({ length: count }, () => fixture.press()));
      return answers.map((answer) => answer.json<{ reportId: string }>().reportId);
    }

    async function stored(what: string): Promise<void> {
      await waitUntil(async () => (await fixture.relay.ledger.counts(FACILITY)).byState.open === 0, { what, deadlineMs: 30_000 });
    }

    test('the first attempt follows the 202 at once, without waiting for a sweep', async () => {
      await fixture.relay.stop();
      const woken = await fixture.another({ delivery: { sweepEveryMs: 60_000 } });
      await woken.start();
      const answer = await woken.app.inject({ method: 'POST', url: '/v1/reports', headers: await fixture.headers(), payload: '{}' });
      expect(answer.statusCode).toBe(202);
      await waitUntil(() => fixture.police.arrivals.length === 1 && fixture.civilAffairs.arrivals.length === 1, {
        what: 'both agencies have it',
        deadlineMs: 30_000,
      });
    });

    test('a delivery whose row is locked for an instant is sent when the lock is gone, without waiting for a sweep', async () => {
      const woken = await fixture.another({ delivery: { sweepEveryMs: 60_000, breakerAfter: 1_000 } });
      const [locked = ''] = await pressMany(1);
      const lock = await fixture.database.pool.connect();
      try {
        await lock.query(`begin`);
        await lock.query(`select from deliveries where report_id = $1 for update`, [locked]);
        await woken.start();
        // Its wake-up works on what is not locked, and looks for more.
        for (const arrivals of [1, 2, 3]) {
          await woken.app.inject({ method: 'POST', url: '/v1/reports', headers: await fixture.headers(), payload: '{}' });
          await waitUntil(() => fixture.police.arrivals.length === arrivals, { what: 'what is not locked arrives', deadlineMs: 30_000 });
        }
        await lock.query('rollback');
      } finally {
        lock.release();
      }
      await stored('what was locked is stored');
      expect(fixture.police.arrivals.map(({ claims }) => claims.reportId).at(-1)).toBe(locked);
    });

    test('a delivery whose wake-up is at work on another that hangs is woken by the next sweep', async () => {
      fixture.police.behave = () => undefined;
      const patient = { attemptTimeoutMs: 120_000, leaseMs: 130_000, sweepEveryMs: 60_000 };
      const woken = await fixture.another({ delivery: patient });
      const [earlier] = await pressMany(1);
      fixture.clock.advance(1);
      await woken.start();
      const answer = await woken.app.inject({ method: 'POST', url: '/v1/reports', headers: await fixture.headers(), payload: '{}' });
      await waitUntil(() => fixture.police.arrivals.length === 1, { what: 'the earlier one is under way', deadlineMs: 30_000 });
      await woken.sweepOnce();
      await waitUntil(() => fixture.police.arrivals.length === 2, { what: 'so is the later one', deadlineMs: 30_000 });
      const { reportId } = answer.json<{ reportId: string }>();
      expect(fixture.police.arrivals.map(({ claims }) => claims.reportId)).toEqual([earlier, reportId]);
    });

    test('INV-3 what is pressed while no relay works is delivered by the next one', async () => {
      await pressMany(5);
      const next = await fixture.another({});
      await next.start();
      await stored('the next relay delivered all of it');
    });

    test('INV-11 the queue holds ids and nothing else', async () => {
      await fixture.start();
      fixture.police.behave = () => undefined;
      await pressMany(3);
      await waitUntil(() => fixture.police.arrivals.length === 3, { what: 'three attempts are under way', deadlineMs: 30_000 });
      const contents = await backend.contents(fixture);
      expect(contents).toContain('dlv_');
      expect(contents).not.toMatch(/张某某|操作员甲|account-77|血HCG|440299-2611/);
    });
  });
}
