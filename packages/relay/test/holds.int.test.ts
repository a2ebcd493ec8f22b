import { afterEach, expect, test } from 'vitest';
import { openKeyDirectory, openRestricted } from '@zhida/signing';
import { FACILITY, type Fixture, makeFixture, profile } from './support/fixture.js';
import type { StatusLine } from '../src/index.js';

let fixture: Fixture;
afterEach(async () => fixture.close());

async function lineOf(reportId: string, kind: string): Promise<StatusLine> {
  const line = (await fixture.relay.ledger.status(FACILITY, reportId))?.lines.find(({ recipient }) => recipient.kind === kind);
  if (line === undefined) throw new Error('no such line');
  return line;
}
const pressed = async (): Promise<string> => (await fixture.press()).json<{ reportId: string }>().reportId;
const decision = { by: 'account-admin', reason: 'maintenance' };

test('INV-7 a recipient nobody has pinned holds the report, says so aloud, and gets it once its trust file is there', async () => {
  fixture = await makeFixture({ withoutCivilAffairs: true });
  const { relay, parties, civilAffairs, police } = fixture;
  const reportId = await pressed();
  await relay.drain();
  expect((await lineOf(reportId, 'police')).state).toBe('stored');
  expect(await lineOf(reportId, 'civil-affairs')).toMatchObject({ state: 'open', holdReason: 'no-route', nextDueAt: null, attempts: 0 });
  expect(fixture.log.some((line) => line.includes('"level":50') && line.includes('a report is held'))).toBe(true);
  const metrics = await relay.app.inject({ url: '/metrics' });
  expect(metrics.payload).toContain(`zhida_relay_deliveries_held{facility="${FACILITY}",reason="no-route"} 1`);

  // As `zhida trust add` does it: in another process, over the same directory.
  const elsewhere = await openKeyDirectory(parties.relay.directory, { clock: fixture.clock });
  await parties.introduce(parties.civilAffairs, elsewhere, civilAffairs.url);
  for (let sweep = 0; sweep < 6; sweep += 1) await relay.sweepOnce();
  await relay.drain();
  expect(await lineOf(reportId, 'civil-affairs')).toMatchObject({ state: 'stored', holdReason: null, attempts: 1 });
  const [late, prompt] = [civilAffairs.arrivals[0], police.arrivals[0]];
  expect(late?.claims).toMatchObject({ number: prompt?.claims.number, createdAt: prompt?.claims.createdAt, kind: 'initial', sequence: 1 });
});

test('INV-7 a disabled endpoint holds the backlog and drains it when it is enabled again', async () => {
  fixture = await makeFixture();
  const { relay, police } = fixture;
  await relay.ledger.disableEndpoint(FACILITY, 'agency:police-440299', decision);
  const reports = [await pressed(), await pressed()];
  await relay.drain();
  for (const reportId of reports)
    expect(await lineOf(reportId, 'police')).toMatchObject({ state: 'open', holdReason: 'endpoint-disabled', attempts: 0 });
  expect(police.arrivals).toHaveLength(0);
  await relay.sweepOnce();
  expect((await lineOf(reports[0] ?? '', 'police')).holdReason).toBe('endpoint-disabled');
  await relay.ledger.enableEndpoint(FACILITY, 'agency:police-440299', decision);
  await relay.sweepOnce();
  await relay.drain();
  for (const reportId of reports) expect((await lineOf(reportId, 'police')).state).toBe('stored');
});

test('a recipient without a system stays visibly open, without an error and without an attempt', async () => {
  const [police] = profile.recipients;
  if (police === undefined) throw new Error('no recipient');
  fixture = await makeFixture({ relay: { profile: { ...profile, recipients: [{ ...police, system: 'no-system' }] } } });
  const reportId = await pressed();
  await fixture.relay.sweepOnce();
  await fixture.relay.drain();
  expect(await lineOf(reportId, 'police')).toMatchObject({ state: 'open', holdReason: 'no-system', attempts: 0 });
  expect(fixture.log.some((line) => line.includes('"level":50'))).toBe(false);
});

test('INV-10 the reporter’s identity is sealed apart, opens only with the agency’s restricted key, and reaches no other recipient', async () => {
  fixture = await makeFixture();
  const { relay, police, civilAffairs, parties, database } = fixture;
  const reportId = await pressed();
  await relay.drain();
  const [toPolice, toCivilAffairs] = [police.arrivals[0], civilAffairs.arrivals[0]];
  const sealed = toPolice?.claims.restricted['reporter'];
  if (sealed === undefined || toCivilAffairs === undefined) throw new Error('no restricted group');
  expect(await openRestricted(sealed, parties.police)).toMatchObject({
    name: '操作员甲',
    role: 'doctor',
    staffId: 'S-77',
    account: 'account-77',
  });
  await expect(openRestricted(sealed, parties.civilAffairs)).rejects.toMatchObject({ code: 'ZD_ERR_ENVELOPE_UNREADABLE' });
  expect(toCivilAffairs.claims.restricted['reporter']).toBeUndefined();
  for (const arrival of [toPolice, toCivilAffairs]) {
    expect(Buffer.from(arrival?.payload ?? []).toString()).not.toMatch(/操作员甲|S-77|account-77/);
  }
  const { rows } = await database.pool.query<{ purpose: string; wrapped: Buffer }>(
    'select purpose, wrapped from data_keys where report_id = $1',
    [reportId],
  );
  expect(rows.map(({ purpose }) => purpose).sort()).toEqual(['report', 'reporter']);
  expect(new Set(rows.map(({ wrapped }) => wrapped.toString('hex'))).size).toBe(2);
});
