import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ProfileRecipient, reconcileLedger, type RelayProfile } from '../../src/index.js';
import { aReport, FACILITY, type Fixture, makeFixture, profile } from '../support/fixture.js';
import { joinAgency } from '../support/join-agency.js';
import { postFeedback } from '../support/receipts.js';
import { recordingChannel } from '../support/recording-channel.js';
import { countyAgency, countyRecipients, onLoopback } from '../support/routed.js';
import { answers, type Arrival, type ScriptedAgency, stores } from '../support/scripted-agency.js';

const HERE = 'agency:civil-affairs-440299';
/** Civil affairs of the next county. */
const HOME: ProfileRecipient = {
  party: 'agency:civil-affairs-440298',
  kind: 'civil-affairs',
  view: 'civil-affairs',
  name: { zh: '邻县民政局', en: 'Civil affairs next door' },
  system: 'push',
  priority: 2,
  regionCode: '440298',
};
const SCHOOLS = countyAgency('education', 5);
const county: RelayProfile = {
  ...profile,
  recipients: [...countyRecipients, HOME, SCHOOLS],
};
const GONE = {
  whereabouts: { status: 'left' },
  patient: { name: '张某某', sex: 'female', address: { text: '邻县某路', regionCode: '440298' } },
};

let fixture: Fixture;
const pager = recordingChannel('pager');
const agencies = new Map<string, ScriptedAgency>();

beforeEach(async () => {
  pager.told.splice(0);
  const endpoints = onLoopback(county.recipients);
  fixture = await makeFixture({ relay: { profile: county, endpoints, escalation: { channels: [pager] } } });
  for (const { party } of [HOME, SCHOOLS]) agencies.set(party, await joinAgency(fixture, party));
});
afterEach(async () => {
  for (const agency of agencies.values()) await agency.close();
  agencies.clear();
  await fixture.close();
});

async function press(overrides: Record<string, unknown> = {}): Promise<string> {
  const answer = await fixture.press(aReport(overrides));
  expect(answer.statusCode).toBe(202);
  await fixture.relay.sweepOnce();
  await fixture.relay.drain();
  fixture.clock.advance(1);
  return answer.json<{ reportId: string }>().reportId;
}

function arrivals(party: string): Arrival[] {
  return (party === HERE ? fixture.civilAffairs : agencies.get(party))?.arrivals ?? [];
}

const reportsAt = (party: string): string[] => arrivals(party).map(({ claims }) => claims.reportId);

test('whoever hears of a case by a later report gets what came before it: civil affairs of where the child has gone', async () => {
  const first = await press();
  expect([reportsAt(HERE), reportsAt(HOME.party)]).toEqual([[first], []]);
  const gone = await press({ kind: 'follow-up', chain: { id: first }, suspicion: undefined, ...GONE });
  expect(reportsAt(HOME.party).toSorted()).toEqual([first, gone].toSorted());
  const before = arrivals(HOME.party).find(({ claims }) => claims.reportId === first);
  expect(before?.claims).toMatchObject({
    view: 'civil-affairs',
    sequence: 1,
    kind: 'initial',
    body: { suspicion: { situations: ['opinion-2020:4.1'] } },
  });
  expect(reportsAt(HERE)).toEqual([first, gone]);
  const status = await fixture.relay.ledger.status(FACILITY, first);
  expect(status?.lines.find(({ recipient }) => recipient.party === HOME.party)).toMatchObject({ state: 'stored' });
  // Once is enough, however many reports follow.
  await press({ kind: 'follow-up', chain: { id: first }, ...GONE });
  expect(reportsAt(HOME.party).filter((reportId) => reportId === first)).toHaveLength(1);
  expect((await reconcileLedger(fixture.database.pool)).differences).toEqual([]);
});

test('nobody begins to hear of a case by a report that does not say where the child is', async () => {
  const first = await press(GONE);
  const later = await press({ kind: 'follow-up', chain: { id: first }, whereabouts: undefined });
  expect(reportsAt(HOME.party)).toEqual([first, later]);
  expect(reportsAt(HERE)).toEqual([]);
});

test('what an error notice speaks of is handed to nobody else', async () => {
  const first = await press();
  await press({ kind: 'error-notice', errorReason: 'wrong-patient', chain: { id: first } });
  const later = await press({ kind: 'follow-up', chain: { id: first }, ...GONE });
  expect(reportsAt(HOME.party)).toEqual([later]);
});

test('INV-2 a conflict of interest holds nothing back where the profile knows nobody above: it goes to the last there is', async () => {
  fixture.police.behave = answers(503);
  const first = await press();
  const before = fixture.police.arrivals.length;
  const later = await press({ kind: 'follow-up', chain: { id: first }, conflictOfInterest: ['police'] });
  fixture.police.behave = stores;
  fixture.clock.advance(3_600_000);
  await fixture.relay.sweepOnce();
  await fixture.relay.drain();
  const reports = fixture.police.arrivals.slice(before).map(({ claims }) => claims.reportId);
  expect([...new Set(reports)].toSorted()).toEqual([first, later].toSorted());
});

test('nobody is called for what was opened a moment ago and goes with the next sweep', async () => {
  const reportId = await press();
  expect((await postFeedback(fixture, reportId, { code: 'release', releaseTo: ['education'] })).statusCode).toBe(200);
  await fixture.relay.escalateOnce();
  expect(pager.told.map(({ rung }) => rung)).not.toContain('held');
  await fixture.relay.sweepOnce();
  await fixture.relay.drain();
  expect(arrivals(SCHOOLS.party)).toHaveLength(1);
});
