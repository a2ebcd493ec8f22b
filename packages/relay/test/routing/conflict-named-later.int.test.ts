import { signAssertion } from '@zhida/signing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { reconcileLedger, type StatusLine } from '../../src/index.js';
import { FACILITY, type Fixture, makeFixture, profile } from '../support/fixture.js';
import { joinAgency } from '../support/join-agency.js';
import { postReceipt } from '../support/receipts.js';
import { recordingChannel } from '../support/recording-channel.js';
import { cityPolice, countyAgency, countyRecipients, onLoopback, pressAndDrain } from '../support/routed.js';
import { answers, type ScriptedAgency, stores } from '../support/scripted-agency.js';

const COUNTY = 'agency:police-440299';
const procuratorateOfCounty = countyAgency('procuratorate', 4);
const recipients = [...countyRecipients, cityPolice, procuratorateOfCounty];

let fixture: Fixture;
let city: ScriptedAgency;
let procuratorate: ScriptedAgency;
const pager = recordingChannel('pager');

beforeEach(async () => {
  pager.told.splice(0);
  const endpoints = onLoopback(recipients);
  fixture = await makeFixture({ relay: { profile: { ...profile, recipients }, endpoints, escalation: { channels: [pager] } } });
  [city, procuratorate] = [await joinAgency(fixture, cityPolice.party), await joinAgency(fixture, procuratorateOfCounty.party)];
  fixture.police.behave = answers(500);
});
afterEach(async () => {
  await Promise.all([city.close(), procuratorate.close()]);
  await fixture.close();
});

const press = (overrides?: Record<string, unknown>) => pressAndDrain(fixture, overrides);
const reportsAt = (agency: ScriptedAgency): string[] => agency.arrivals.map(({ claims }) => claims.reportId);

async function lineOf(reportId: string): Promise<StatusLine | undefined> {
  const status = await fixture.relay.ledger.status(FACILITY, reportId);
  return status?.lines.find(({ recipient }) => recipient.party === COUNTY);
}

async function follow(...minutes: number[]): Promise<void> {
  for (const each of minutes) {
    fixture.clock.advance(each * 60_000);
    await fixture.relay.sweepOnce();
    await fixture.relay.drain();
    await fixture.relay.escalateOnce();
  }
}

test('INV-2 INV-7 named before the county has signed, it holds back what is still open, calls nobody about it, and loses nothing: it goes one level up', async () => {
  const reportId = await press();
  await follow(0);
  const before = fixture.police.arrivals.length;
  await press({ kind: 'follow-up', chain: { id: reportId }, conflictOfInterest: ['police'] });
  fixture.police.behave = stores;
  const told = pager.told.length;
  await follow(60, 60, 45 * 1440);
  expect(fixture.police.arrivals).toHaveLength(before);
  for (const agency of [city, procuratorate]) expect(reportsAt(agency)).toContain(reportId);
  const held = await lineOf(reportId);
  expect(held).toMatchObject({ state: 'open', holdReason: 'conflict', nextDueAt: null });
  expect(pager.told.slice(told).map(({ deliveryId }) => deliveryId)).not.toContain(held?.deliveryId);
  const { rows } = await fixture.database.pool.query<{ bytes: string }>(`select convert_from(bytes, 'UTF8') as bytes from audit_entries`);
  const entries = rows.filter(({ bytes }) => bytes.includes('"delivery.held"') && bytes.includes('"conflict"'));
  expect(entries.map(({ bytes }) => bytes.includes(held?.deliveryId ?? 'none'))).toEqual([true]);
  expect((await fixture.operate('POST', `/v1/deliveries/${held?.deliveryId}/redeliver`, { reason: 'x' })).statusCode).toBe(409);
  expect((await reconcileLedger(fixture.database.pool)).differences).toEqual([]);
  // They may have stored it at the attempt that was answered wrongly: proof counts whenever it comes.
  const [first] = fixture.police.arrivals;
  if (first === undefined) throw new Error('nothing arrived');
  expect((await postReceipt(fixture, first)).statusCode).toBe(200);
  expect(await lineOf(reportId)).toMatchObject({ state: 'stored' });
});

test('named while a delivery waits for keys or an endpoint, it is not released to that party by either', async () => {
  await fixture.turn(COUNTY, 'disable');
  const reportId = await press();
  expect(await lineOf(reportId)).toMatchObject({ holdReason: 'endpoint-disabled' });
  await press({ kind: 'follow-up', chain: { id: reportId }, conflictOfInterest: ['police'] });
  await fixture.turn(COUNTY, 'enable');
  fixture.police.behave = stores;
  await follow(1, 60);
  expect(fixture.police.arrivals).toEqual([]);
  expect(reportsAt(city)).toContain(reportId);
});

test('named while the party fetches its inbox, it takes what was not fetched out of it', async () => {
  const reportId = await press();
  // As the ledger says it of whoever fetches.
  await fixture.database.pool.query(
    `update deliveries set hold_reason = 'pull', held_by = 'relay:yunxi', held_since = now() where report_id = $1 and recipient_party = $2`,
    [reportId, COUNTY],
  );
  const inbox = async () => {
    const asks = { keys: fixture.parties.police, audience: 'relay:yunxi', scope: 'inbox:read', lifetimeSeconds: 300 };
    const authorization = `Bearer ${await signAssertion({ ...asks, now: fixture.clock.now() })}`;
    const answer = await fixture.relay.app.inject({ url: '/v1/agency/inbox', headers: { authorization } });
    return answer.json<{ deliveries: unknown[] }>().deliveries;
  };
  expect(await inbox()).toHaveLength(1);
  await press({ kind: 'follow-up', chain: { id: reportId }, conflictOfInterest: [COUNTY] });
  expect(await inbox()).toEqual([]);
});
