import { isoNow } from '@zhida/core';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Fixture } from '../support/fixture.js';
import { onTheLadder } from '../support/ladder.js';
import { postFeedback, postReceipt } from '../support/receipts.js';
import { stores } from '../support/scripted-agency.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

interface Listed {
  readonly escalationId: string;
  readonly rung: string;
  readonly deliveryId: string;
  readonly number: string;
  readonly party: string;
  readonly mode: string;
  readonly silenceable: boolean;
}

const { first, fixtureNow, press, quietCivilAffairs, after } = onTheLadder();
let fixture: Fixture;
beforeEach(() => {
  fixture = fixtureNow();
});

/** By their rungs: the clock stands still, and what was raised in one look has no order. */
async function alarms(): Promise<Listed[]> {
  const { alarms: listed } = (await fixture.operate('GET', '/v1/escalations')).json<{ alarms: Listed[] }>();
  return listed.toSorted((one, other) => one.rung.localeCompare(other.rung));
}

async function acknowledge(rung: string): Promise<void> {
  const alarm = (await alarms()).find((listed) => listed.rung === rung);
  expect((await fixture.operate('POST', `/v1/escalations/${alarm?.escalationId}/acknowledge`)).json()).toEqual({
    recorded: true,
    repeat: false,
  });
}

async function attest(deliveryId: string): Promise<void> {
  const handover = { handedTo: '值班民警', handedAt: isoNow(fixture.clock), how: 'telephone' };
  expect((await fixture.operate('POST', `/v1/deliveries/${deliveryId}/attest`, handover)).statusCode).toBe(200);
}

describe('told again until somebody acknowledges it, and not afterwards', () => {
  /** The police have the report, and everything that was told before is forgotten. */
  async function stored() {
    const arrival = await press(stores);
    await quietCivilAffairs();
    await after(0);
    first.told.splice(0);
    return arrival;
  }

  test.each([
    ['receipt-conflict', { payloadSha256: '2'.repeat(64), stage: 'accepted' }],
    ['misdirected', { stage: 'misdirected', transferredTo: '邻县公安局' }],
  ] as const)('%s', async (rung, claims) => {
    const arrival = await stored();
    await postReceipt(fixture, arrival, claims);
    await after(0);
    await after(10 * MINUTE);
    expect(first.told.map((notice) => `${notice.rung} ${notice.repeat}`)).toEqual([`${rung} 0`, `${rung} 1`]);
    expect(first.told[0]?.text).toContain(arrival.claims.number);
    await acknowledge(rung);
    expect(await alarms()).toEqual([]);
    first.told.splice(0);
    for (let time = 0; time < 3; time += 1) await after(6 * MINUTE);
    expect(first.rungs()).not.toContain(rung);
  });

  test('misdirected, or until a handover is attested, or the agency names one that takes its place', async () => {
    const byHand = await stored();
    await postReceipt(fixture, byHand, { stage: 'misdirected', transferredTo: '邻县公安局' });
    await after(30 * MINUTE);
    expect(first.rungs()).toEqual(['misdirected', 'no-accepted']);
    await attest(byHand.claims.deliveryId);
    expect(await alarms()).toEqual([]);
    await after(10 * MINUTE);
    expect(first.rungs()).toEqual([]);

    const goesOn = await stored();
    await postReceipt(fixture, goesOn, { stage: 'misdirected', transferredTo: '邻县公安局' });
    await after(0);
    expect(first.rungs()).toEqual(['misdirected']);
    await postReceipt(fixture, goesOn, { stage: 'misdirected', transferredTo: 'agency:police-440298' });
    expect((await alarms()).filter(({ deliveryId }) => deliveryId === goesOn.claims.deliveryId)).toEqual([]);
  });
});

describe('the list of alarms', () => {
  test('says of each whose it is and whether it may be silenced, and leaves out what has ended by itself', async () => {
    const arrival = await press();
    await quietCivilAffairs();
    await after(10 * MINUTE);
    const { number, deliveryId } = arrival.claims;
    const about = { number, deliveryId, party: 'agency:police-440299', mode: 'test' };
    expect(await alarms()).toMatchObject([
      { ...about, rung: 'no-stored', silenceable: true },
      { ...about, rung: 'phone', silenceable: true },
    ]);
    await postReceipt(fixture, arrival);
    expect(await alarms()).toEqual([]);
    await postReceipt(fixture, arrival, { payloadSha256: '2'.repeat(64), stage: 'accepted' });
    expect(await alarms()).toMatchObject([{ ...about, rung: 'receipt-conflict', silenceable: false }]);
    const silence = { rung: 'receipt-conflict', reason: '已核对' };
    expect((await fixture.operate('POST', `/v1/deliveries/${deliveryId}/silence`, silence)).statusCode).toBe(409);
  });

  test('keeps one reminder of a case until the agency tells how it stands', async () => {
    const arrival = await press(stores);
    await quietCivilAffairs();
    await postReceipt(fixture, arrival, { stage: 'accepted' });
    const reminders = async () => (await alarms()).map(({ rung }) => rung);
    await after(7 * DAY);
    expect(await reminders()).toEqual(['no-feedback']);
    await after(24 * DAY);
    expect(await reminders()).toEqual(['chase-30']);
    await postFeedback(fixture, arrival.claims.reportId, { code: 'filed' });
    expect(await reminders()).toEqual(['chase-30']);
    await after(60 * DAY);
    expect(await reminders()).toEqual(['chase-90']);
    await postFeedback(fixture, arrival.claims.reportId, { code: 'terminated' });
    expect(await reminders()).toEqual([]);
  });
});
