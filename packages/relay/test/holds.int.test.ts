import { openKeyDirectory, openRestricted } from '@zhida/signing';
import { canaries, findCanaries } from '@zhida/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { FACILITY, type Fixture, makeFixture, NOW, profile } from './support/fixture.js';
import type { StatusLine } from '../src/index.js';

let fixture: Fixture;
afterEach(async () => fixture.close());

async function lineOf(reportId: string, kind: string): Promise<StatusLine> {
  const line = (await fixture.relay.ledger.status(FACILITY, reportId))?.lines.find(({ recipient }) => recipient.kind === kind);
  if (line === undefined) throw new Error('no such line');
  return line;
}
const pressed = async (): Promise<string> => (await fixture.press()).json<{ reportId: string }>().reportId;
const POLICE = 'agency:police-440299';

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
  expect((await fixture.turn(POLICE, 'disable')).json()).toEqual({ recorded: true, repeat: false });
  const reports = [await pressed(), await pressed()];
  await relay.drain();
  for (const reportId of reports)
    expect(await lineOf(reportId, 'police')).toMatchObject({ state: 'open', holdReason: 'endpoint-disabled', attempts: 0 });
  expect(police.arrivals).toHaveLength(0);
  await relay.sweepOnce();
  expect((await lineOf(reports[0] ?? '', 'police')).holdReason).toBe('endpoint-disabled');
  expect((await fixture.turn(POLICE, 'enable')).json()).toEqual({ recorded: true, repeat: false });
  await relay.sweepOnce();
  await relay.drain();
  for (const reportId of reports) expect((await lineOf(reportId, 'police')).state).toBe('stored');
});

describe('an endpoint is stopped and started again', () => {
  const audited = async (): Promise<{ actor: string; action: string; subject: object }[]> => {
    const { rows } = await fixture.database.pool.query<{ entry: string }>(
      `select convert_from(bytes, 'UTF8') as entry from audit_entries where convert_from(bytes, 'UTF8') like '%"endpoint.%' order by id`,
    );
    return rows.map(({ entry }) => JSON.parse(entry) as { actor: string; action: string; subject: object });
  };

  test('by an administrator who reads no report by the same credential, and with a reason', async () => {
    fixture = await makeFixture();
    const refused = async (...asked: Parameters<Fixture['turn']>) => (await fixture.turn(...asked)).json<{ code: string }>().code;
    for (const scope of ['delivery:operate', 'endpoint:admin report:read', 'endpoint:admin report:open'])
      expect(await refused(POLICE, 'disable', { scope })).toBe('ZD_ERR_SCOPE_MISSING');
    expect(await refused(POLICE, 'disable', { reason: ' ' })).toBe('ZD_ERR_REASON_MISSING');
    expect(await refused('agency:nobody', 'disable')).toBe('ZD_ERR_NOT_FOUND');
    const unnamed = await fixture.relay.app.inject({
      method: 'POST',
      url: `/v1/endpoints/${POLICE}/disable`,
      headers: { authorization: `Bearer ${await fixture.assertion('endpoint:admin')}` },
      payload: JSON.stringify({ reason: 'x' }),
    });
    expect(unnamed.statusCode).toBe(403);
    expect(await audited()).toEqual([]);
  });

  test('once each: who, since when and why stay as they were; the log commits to every reason and shows none', async () => {
    fixture = await makeFixture();
    expect((await fixture.turn(POLICE, 'disable', { reason: `停电，${canaries.childName}` })).json()).toEqual({
      recorded: true,
      repeat: false,
    });
    fixture.clock.advance(60_000);
    expect((await fixture.turn(POLICE, 'disable', { reason: '再停一次' })).json()).toEqual({ recorded: true, repeat: true });
    const { rows } = await fixture.database.pool.query<Record<string, unknown>>('select * from endpoints');
    expect(rows).toMatchObject([{ disabled_by: 'admin-1', disabled_reason: `停电，${canaries.childName}`, disabled_since: new Date(NOW) }]);
    expect((await fixture.turn(POLICE, 'enable')).json()).toEqual({ recorded: true, repeat: false });
    expect((await fixture.turn(POLICE, 'enable')).json()).toEqual({ recorded: true, repeat: true });
    const subject = { facility: FACILITY, party: POLICE };
    expect(await audited()).toMatchObject([
      { actor: 'admin-1', action: 'endpoint.disabled', subject },
      { actor: 'admin-1', action: 'endpoint.enabled', subject },
    ]);
    const sealed = await fixture.database.pool.query('select sealed from audit_details');
    expect(sealed.rowCount).toBe(2);
    expect(findCanaries(JSON.stringify([await audited(), fixture.log]))).toEqual([]);
  });
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
