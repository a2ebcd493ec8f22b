import { createId } from '@zhida/core';
import type { LightMyRequestResponse } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import type { ListedDelivery } from '../src/index.js';
import { FACILITY, type Fixture, type FixtureOptions, makeFixture } from './support/fixture.js';
import { answers, stores } from './support/scripted-agency.js';

const POLICE = 'agency:police-440299';
let fixture: Fixture;
afterEach(async () => fixture.close());

async function open(options: FixtureOptions = {}): Promise<void> {
  fixture = await makeFixture(options);
}

async function listed(state = 'open'): Promise<ListedDelivery> {
  const answer = await fixture.relay.app.inject({
    url: `/v1/deliveries?state=${state}`,
    headers: { authorization: `Bearer ${await fixture.assertion('delivery:operate')}` },
  });
  const { deliveries } = answer.json<{ deliveries: ListedDelivery[] }>();
  const line = deliveries.find(({ party }) => party === POLICE);
  if (line === undefined) throw new Error('not listed');
  return line;
}

async function redeliver(
  deliveryId: string,
  body: unknown = { reason: '民警来电称系统已恢复' },
  scope = 'delivery:operate',
): Promise<LightMyRequestResponse> {
  return fixture.relay.app.inject({
    method: 'POST',
    url: `/v1/deliveries/${deliveryId}/redeliver`,
    headers: { authorization: `Bearer ${await fixture.assertion(scope, { extra: { sub: 'account-9' } })}` },
    payload: JSON.stringify(body),
  });
}

describe('the list says why each delivery waits', () => {
  test('for a worker, for its rung, for the agency’s answer, and for nothing once it is stored', async () => {
    await open();
    await fixture.press();
    expect(await listed()).toMatchObject({ waitsFor: 'worker', attempts: 0, lastDetail: null });
    fixture.police.behave = answers(503);
    await fixture.relay.drain();
    expect(await listed()).toMatchObject({ waitsFor: 'rung', attempts: 1, lastDetail: 'http-503', lastOutcome: 'unknown' });
    fixture.clock.advance(5_000);
    expect(await fixture.relay.ledger.claim(FACILITY, { party: POLICE }, 60_000)).toBeDefined();
    expect(await listed()).toMatchObject({ waitsFor: 'answer', attempts: 2 });
    await fixture.database.pool.query('update deliveries set lease_until = null');
    fixture.police.behave = stores;
    await fixture.relay.drain();
    expect(await listed('stored')).toMatchObject({ waitsFor: null });
  });

  test('for the breaker of its endpoint, and for a slot there', async () => {
    await open({ relay: { delivery: { breakerAfter: 1, endpointConcurrency: 1 } } });
    await fixture.press();
    fixture.police.behave = answers(503);
    await fixture.relay.drain();
    await fixture.press();
    fixture.clock.advance(4_999);
    const waiting = await fixture.relay.ledger.deliveries(FACILITY, { state: 'open', after: '', limit: 10 });
    expect(waiting.filter(({ party }) => party === POLICE).map(({ waitsFor }) => waitsFor)).toEqual(
      expect.arrayContaining(['breaker', 'rung']),
    );
    await fixture.database.pool.query('update endpoint_gates set failures = 0, probe_at = null, opened_at = null');
    fixture.clock.advance(1);
    await fixture.relay.ledger.claim(FACILITY, { party: POLICE }, 60_000);
    const then = await fixture.relay.ledger.deliveries(FACILITY, { state: 'open', after: '', limit: 10 });
    const police = then.filter(({ party }) => party === POLICE);
    expect(new Set(police.map(({ waitsFor }) => waitsFor))).toEqual(new Set(['answer', 'slot']));
  });

  test('for the end of a hold, with who holds it and since when', async () => {
    await open();
    await fixture.turn(POLICE, 'disable');
    await fixture.press();
    await fixture.relay.drain();
    expect(await listed()).toMatchObject({ waitsFor: 'release', holdReason: 'endpoint-disabled', heldBy: 'relay:yunxi', nextDueAt: null });
  });
});

describe('redeliver', () => {
  test('makes the next attempt come now, with the same id and bytes, and leaves its rung; the reason lies sealed in the log', async () => {
    await open();
    await fixture.press();
    fixture.police.behave = answers(503);
    await fixture.relay.drain();
    const { deliveryId } = await listed();
    expect((await redeliver(deliveryId)).statusCode).toBe(200);
    await fixture.relay.drain();
    const [first, second] = fixture.police.arrivals;
    expect(second?.payloadSha256).toBe(first?.payloadSha256);
    expect(Date.parse((await listed()).nextDueAt ?? '') - fixture.clock.now()).toBe(15_000);
    const { rows } = await fixture.database.pool.query<{ entry: string; sealed: Buffer }>(
      `select convert_from(bytes, 'UTF8') as entry, sealed from audit_entries join audit_details on entry_id = id
       where convert_from(bytes, 'UTF8')::jsonb->>'action' = 'delivery.redelivered'`,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.entry).not.toContain('民警');
    expect(rows[0]?.sealed.includes(Buffer.from('民警'))).toBe(false);
  });

  test('is refused without a reason, without its scope, for what is proved, held, under way, or not there', async () => {
    await open();
    await fixture.press();
    const { deliveryId } = await listed();
    for (const body of [{}, { reason: '' }, { reason: '  ' }]) {
      expect((await redeliver(deliveryId, body)).json()).toMatchObject({ status: 400, code: 'ZD_ERR_REASON_MISSING' });
    }
    expect((await redeliver(deliveryId, { reason: 7 })).json()).toMatchObject({ status: 400, at: 'reason' });
    expect((await redeliver(deliveryId, [])).json()).toMatchObject({ status: 400, code: 'ZD_ERR_INPUT_UNREADABLE' });
    expect((await redeliver(deliveryId, { reason: 'x' }, 'report:read')).statusCode).toBe(403);
    expect((await redeliver(createId('dlv'))).statusCode).toBe(404);
    await fixture.relay.ledger.claim(FACILITY, { party: POLICE }, 60_000);
    expect((await redeliver(deliveryId)).json()).toMatchObject({ status: 409, at: 'lease' });
    await fixture.database.pool.query('update deliveries set lease_until = null');
    await fixture.relay.drain();
    expect((await redeliver(deliveryId)).json()).toMatchObject({ status: 409, at: 'state' });
    await fixture.turn(POLICE, 'disable');
    await fixture.press();
    await fixture.relay.drain();
    expect((await redeliver((await listed()).deliveryId)).json()).toMatchObject({ status: 409, at: 'holdReason' });
  });
});
