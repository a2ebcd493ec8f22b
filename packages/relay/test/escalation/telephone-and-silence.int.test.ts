import { beforeEach, describe, expect, test } from 'vitest';
import { canaries, findCanaries } from '@zhida/testkit';
import { type Fixture } from '../support/fixture.js';
import { onTheLadder } from '../support/ladder.js';
import { stores } from '../support/scripted-agency.js';

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

  test('until a call about this report was answered', async () => {
    const arrival = await press();
    const call = {
      callId: `cal_${arrival.claims.reportId.slice(4)}`,
      outcome: 'answered',
      at: new Date(fixture.clock.now()).toISOString(),
    };
    const headers = { authorization: `Bearer ${await fixture.assertion('report:create')}` };
    const logged = await fixture.relay.app.inject({
      method: 'POST',
      url: `/v1/reports/${arrival.claims.reportId}/calls`,
      headers,
      payload: JSON.stringify(call),
    });
    expect(logged.statusCode).toBe(200);
    await after(10 * MINUTE);
    expect((await rungs(arrival.claims.deliveryId)).map(({ rung }) => rung)).toEqual(['no-stored']);
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
