import { beforeEach, describe, expect, test } from 'vitest';
import { createId, isoNow } from '@zhida/core';
import { canaries, findCanaries } from '@zhida/testkit';
import { type Fixture } from '../support/fixture.js';
import { onTheLadder } from '../support/ladder.js';
import { answers, stores } from '../support/scripted-agency.js';

const POLICE = 'agency:police-440299';
const CIVIL_AFFAIRS = 'agency:civil-affairs-440299';
const MINUTE = 60_000;
const DAY = 86_400_000;

const { first, fixtureNow, press, quietCivilAffairs, after, rungs } = onTheLadder();
let fixture: Fixture;
beforeEach(() => {
  fixture = fixtureNow();
});

describe('the telephone comes first', () => {
  /** A delivery of the past to the police, stored after these minutes. */
  async function past(daysAgo: number, storedAfterMinutes: number): Promise<void> {
    const arrival = await press(stores);
    const created = new Date(fixture.clock.now() - daysAgo * DAY);
    const stored = new Date(created.getTime() + storedAfterMinutes * MINUTE);
    await fixture.database.pool.query(
      'update deliveries set created_at = $2, stored_at = $3, next_rung = null, rung_due_at = null where delivery_id = $1',
      [arrival.claims.deliveryId, created, stored],
    );
  }

  test.each([
    ['an endpoint that has shown nothing yet', [], true],
    ['an endpoint that is new and quick', [[5, 1]], true],
    [
      'thirty days of quick receipts',
      [
        [40, 3],
        [20, 9],
        [2, 1],
      ],
      false,
    ],
    [
      'one late receipt in thirty days',
      [
        [40, 3],
        [20, 11],
        [2, 1],
      ],
      true,
    ],
    [
      'a late receipt of long ago',
      [
        [60, 50],
        [40, 3],
        [2, 1],
      ],
      false,
    ],
    ['an endpoint that was quick once and has shown nothing for thirty days', [[40, 3]], true],
  ] as const)('for %s: %j', async (_name, history, called) => {
    for (const [daysAgo, minutes] of history) await past(daysAgo, minutes);
    const arrival = await press();
    await fixture.relay.escalateOnce();
    expect((await rungs(arrival.claims.deliveryId)).map(({ rung }) => rung)).toEqual(called ? ['phone'] : []);
  });

  /** Presses a report that no agency takes. */
  async function pressInVain(): Promise<string> {
    fixture.police.behave = answers(500);
    fixture.civilAffairs.behave = answers(500);
    const { reportId } = (await fixture.press()).json<{ reportId: string }>();
    await fixture.relay.drain();
    return reportId;
  }

  async function call(reportId: string, about: Record<string, unknown>): Promise<void> {
    const headers = { authorization: `Bearer ${await fixture.assertion('report:create')}` };
    const payload = JSON.stringify({ callId: createId('cal'), outcome: 'answered', at: isoNow(fixture.clock), ...about });
    const logged = await fixture.relay.app.inject({ method: 'POST', url: `/v1/reports/${reportId}/calls`, headers, payload });
    expect(logged.statusCode).toBe(200);
  }

  const phoned = async (reportId: string): Promise<string[]> => {
    const { rows } = await fixture.database.pool.query<{ party: string }>(
      `select recipient_party as party from escalations join deliveries using (delivery_id)
       where escalations.report_id = $1 and escalations.rung = 'phone' order by 1`,
      [reportId],
    );
    return rows.map(({ party }) => party);
  };

  test('until a call about this report was answered by that recipient, and by no other', async () => {
    const [told, unknown, incident] = [await pressInVain(), await pressInVain(), await pressInVain()];
    await call(told, { number: '110' });
    await call(told, { number: '1100121', outcome: 'no-answer' });
    await call(unknown, { number: '0000-7777777' });
    await call(incident, { incidentNumber: 'J44029900112' });
    await after(0);
    expect(await phoned(told)).toEqual([CIVIL_AFFAIRS]);
    expect(await phoned(unknown)).toEqual([CIVIL_AFFAIRS, POLICE]);
    expect(await phoned(incident)).toEqual([CIVIL_AFFAIRS]);
    await after(10 * MINUTE);
    const overdue = await fixture.database.pool.query(`select 1 from escalations where rung = 'no-stored' and report_id = $1`, [told]);
    expect(overdue.rows).toHaveLength(2);
  });

  test('a call makes needless what that recipient’s alarm has still to tell, and no other', async () => {
    first.behave = () => {
      throw new Error('the pager is away');
    };
    const reportId = await pressInVain();
    await after(0);
    await call(reportId, { number: '0000-1100121' });
    first.behave = () => 'sent';
    first.told.splice(0);
    await after(5_000);
    const { rows } = await fixture.database.pool.query<{ party: string }>(
      'select recipient_party as party from deliveries where delivery_id = any($1)',
      [first.told.map(({ deliveryId }) => deliveryId)],
    );
    expect(rows).toEqual([{ party: POLICE }]);
  });
});

describe('silencing', () => {
  test('INV-6 silences one rung with a reason; state and next clock do not change', async () => {
    const arrival = await press();
    await quietCivilAffairs();
    await after(10 * MINUTE);
    const { deliveryId } = arrival.claims;
    const before = await fixture.database.pool.query(
      'select state, next_rung, rung_due_at, next_due_at from deliveries where delivery_id = $1',
      [deliveryId],
    );
    first.told.splice(0);
    const silenced = await fixture.operate('POST', `/v1/deliveries/${deliveryId}/silence`, {
      rung: 'no-stored',
      reason: canaries.freeText,
    });
    expect(silenced.statusCode).toBe(200);
    const now = await fixture.database.pool.query(
      'select state, next_rung, rung_due_at, next_due_at from deliveries where delivery_id = $1',
      [deliveryId],
    );
    expect(now.rows).toEqual(before.rows);
    await after(15 * MINUTE);
    expect(first.rungs()).toEqual([]);
    await after(5 * MINUTE);
    expect(first.rungs()).toEqual(['no-accepted']);
    const { rows } = await fixture.database.pool.query<{ row: string }>('select to_jsonb(e)::text as row from escalations e');
    expect(findCanaries(rows.map(({ row }) => row).join())).toEqual([]);
  });

  test('before its time records the rung when it is due, and tells nobody', async () => {
    const arrival = await press();
    await quietCivilAffairs();
    await after(0);
    first.told.splice(0);
    await fixture.operate('POST', `/v1/deliveries/${arrival.claims.deliveryId}/silence`, { rung: 'no-stored', reason: '已口头确认' });
    await after(10 * MINUTE);
    expect((await rungs(arrival.claims.deliveryId)).map(({ rung }) => rung)).toEqual(['phone', 'no-stored']);
    expect(first.rungs()).toEqual([]);
  });

  test('is refused without a reason, without a rung, and for one that is neither raised nor next', async () => {
    const arrival = await press();
    for (const [body, status, code] of [
      [{ rung: 'no-stored' }, 400, 'ZD_ERR_REASON_MISSING'],
      [{ rung: 'chase-90', reason: 'x' }, 409, 'ZD_ERR_CONFLICT'],
      [{ reason: 'x' }, 400, 'ZD_ERR_INPUT_UNREADABLE'],
    ] as const) {
      const answer = await fixture.operate('POST', `/v1/deliveries/${arrival.claims.deliveryId}/silence`, body);
      expect(answer.json()).toMatchObject({ status, code });
    }
  });
});
