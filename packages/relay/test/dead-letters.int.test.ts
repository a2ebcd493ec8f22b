import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { signAssertion } from '@zhida/signing';
import { afterEach, describe, expect, test } from 'vitest';
import { reconcileLedger } from '../src/index.js';
import { FACILITY, type Fixture, type FixtureOptions, LOOPBACK, makeFixture, profile } from './support/fixture.js';
import { recordingChannel } from './support/recording-channel.js';
import { answers, stores } from './support/scripted-agency.js';

const POLICE = 'agency:police-440299';
const HOUR = 3_600_000;
const channel = recordingChannel('pager');
let fixture: Fixture;
afterEach(async () => fixture.close());

async function open(options: FixtureOptions = {}): Promise<void> {
  channel.told.splice(0);
  const relay = { delivery: { breakerAfter: 1_000 }, escalation: { channels: [channel] }, ...options.relay };
  fixture = await makeFixture({ ...options, relay });
}

interface Letter {
  readonly deliveryId: string;
  readonly fault: string;
  readonly times: number;
}

async function letters(): Promise<Letter[]> {
  return (await fixture.operate('GET', '/v1/dead-letters')).json<{ deadLetters: Letter[] }>().deadLetters;
}

const replay = (deliveryId: string, body: unknown = { reason: '存储已恢复' }) =>
  fixture.operate('POST', `/v1/dead-letters/${deliveryId}/replay`, body);

/** Changes one stored byte, as a disk does; the same again puts it right. */
async function flip(table: 'deliveries' | 'reports', column: 'payload_sealed' | 'body_sealed', where: string): Promise<void> {
  const { pool } = fixture.database;
  await pool.query(`alter table ${table} disable trigger user`);
  await pool.query(`update ${table} set ${column} = set_byte(${column}, 20, get_byte(${column}, 20) # 1) where ${where}`);
  await pool.query(`alter table ${table} enable trigger user`);
}
const flipPayload = (): Promise<void> => flip('deliveries', 'payload_sealed', `recipient_party = '${POLICE}'`);

async function deadAlarms(): Promise<string[]> {
  await fixture.relay.escalateOnce();
  return channel.told.splice(0).flatMap(({ rung, text }) => (rung === 'dead-letter' ? [text] : []));
}

describe('a dead letter', () => {
  test('is a delivery whose bytes we cannot open: seen, a person called once, tried on, and replayed byte for byte', async () => {
    await open();
    const { number, reportId } = (await fixture.press()).json<{ number: string; reportId: string }>();
    const { rows } = await fixture.database.pool.query<{ sha: string }>(
      `select payload_sha256 as sha from deliveries where recipient_party = '${POLICE}'`,
    );
    await flipPayload();
    await fixture.relay.drain();
    expect(await letters()).toMatchObject([{ party: POLICE, reportId, number, fault: 'not-opened', times: 1 }]);
    expect(await deadAlarms()).toEqual([
      `【测试】强制报告${number}因本院系统故障无法送往县公安局110指挥中心：存储的内容打不开。请立即电话报告，并通知信息科。`,
    ]);
    const [{ deliveryId } = { deliveryId: '' }] = await letters();
    expect((await replay(deliveryId)).json()).toMatchObject({ code: 'ZD_ERR_SEALED_UNREADABLE' });
    fixture.clock.advance(5_000);
    await fixture.relay.drain();
    expect(await letters()).toMatchObject([{ deliveryId, times: 2 }]);
    expect((await reconcileLedger(fixture.database.pool)).deadLetters).toBe(1);

    await flipPayload();
    expect((await replay(deliveryId, { reason: ' ' })).json()).toMatchObject({ code: 'ZD_ERR_REASON_MISSING' });
    expect((await replay(deliveryId)).json()).toEqual({ deliveryId, payloadSha256: rows[0]?.sha });
    await fixture.relay.drain();
    expect(fixture.police.arrivals.map(({ payloadSha256 }) => payloadSha256)).toEqual([rows[0]?.sha]);
    expect(await letters()).toEqual([]);
    expect((await replay(deliveryId)).statusCode).toBe(404);
    fixture.clock.advance(HOUR);
    expect(await deadAlarms()).toEqual([]);
    expect(await reconcileLedger(fixture.database.pool)).toMatchObject({ deadLetters: 0, differences: [] });
  });

  test('INV-6 without a hand it leaves by its ladder as soon as what was wrong is mended', async () => {
    await open();
    await fixture.press();
    await flipPayload();
    await fixture.relay.drain();
    await flipPayload();
    fixture.clock.advance(HOUR);
    await fixture.relay.drain();
    expect([await letters(), fixture.police.arrivals.length]).toEqual([[], 1]);
  });

  test('INV-7 is also what no key of ours can seal: by push and by ferry, no endpoint is blamed, and a key that is put back mends it', async () => {
    const out = join(await mkdtemp(join(tmpdir(), 'zhida-gate-')), 'out');
    const endpoints = { [POLICE]: { ...LOOPBACK, ferry: { in: `${out}-in`, out } }, 'agency:civil-affairs-440299': LOOPBACK };
    await open({ relay: { endpoints, delivery: { breakerAfter: 1 } } });
    const { relay } = fixture.parties;
    const path = join(relay.directory, 'keys.json');
    const stored = await readFile(path, 'utf8');
    const file = JSON.parse(stored) as { keys: { purpose: string }[] };
    const keys = file.keys.map((key) => (key.purpose === 'sig' ? { ...key, notBefore: '2027-01-01T00:00:00Z' } : key));
    await writeFile(path, JSON.stringify({ ...file, keys }));
    await relay.reload();
    await fixture.press();
    await fixture.relay.drain();
    expect((await letters()).map(({ fault }) => fault)).toEqual(['not-sealed', 'not-sealed']);
    expect(await deadAlarms()).toHaveLength(2);
    expect(existsSync(out)).toBe(false);
    const gates = await fixture.database.pool.query<{ failures: number }>('select distinct failures from endpoint_gates');
    expect(gates.rows).toEqual([{ failures: 0 }]);
    await writeFile(path, stored);
    await relay.reload();
    fixture.clock.advance(HOUR);
    await fixture.relay.drain();
    expect([await letters(), fixture.civilAffairs.arrivals.length, (await readdir(out)).length]).toEqual([[], 1, 1]);
    await rm(dirname(out), { recursive: true, force: true });
  });

  test('is never made by an agency: away, refusing, lying, slow or disabled', async () => {
    await open();
    const { reportId } = (await fixture.press()).json<{ reportId: string }>();
    const lies = [answers(503), answers(410), answers(200), answers(302), answers(200, { 'content-type': 'application/jose' }, 'e.e.e')];
    for (const lie of lies) {
      fixture.police.behave = lie;
      await fixture.relay.drain();
      fixture.clock.advance(2 * HOUR);
    }
    fixture.police.behave = (_arrival, response) => void response.destroy();
    await fixture.relay.drain();
    await fixture.turn(POLICE, 'disable');
    fixture.clock.advance(2 * HOUR);
    await fixture.relay.drain();
    expect(await letters()).toEqual([]);
    const status = await fixture.relay.ledger.status(FACILITY, reportId);
    expect(status?.lines.find(({ recipient }) => recipient.party === POLICE)).toMatchObject({ state: 'open' });
  });

  test('in an inbox that is fetched keeps nothing else from the agency', async () => {
    const recipients = profile.recipients.map((recipient) => ({ ...recipient, system: 'pull' as const }));
    await open({ relay: { profile: { ...profile, recipients } } });
    await fixture.press();
    await flipPayload();
    const second = (await fixture.press()).json<{ reportId: string }>().reportId;
    const { police } = fixture.parties;
    const base = { keys: police, audience: 'relay:yunxi', scope: 'inbox:read', lifetimeSeconds: 300 };
    const fetched = async (): Promise<number> => {
      const authorization = `Bearer ${await signAssertion({ ...base, now: fixture.clock.now() })}`;
      const answer = await fixture.relay.app.inject({ url: '/v1/agency/inbox', headers: { authorization } });
      return answer.json<{ deliveries: unknown[] }>().deliveries.length;
    };
    expect(await fetched()).toBe(1);
    expect(await letters()).toMatchObject([{ fault: 'not-opened' }]);
    expect((await letters()).some((letter) => (letter as unknown as { reportId: string }).reportId === second)).toBe(false);
    await flipPayload();
    await flip('deliveries', 'payload_sealed', `report_id = '${second}' and recipient_party = '${POLICE}'`);
    expect(await fetched()).toBe(2);
    expect(await letters()).toEqual([]);
  });

  test('is also one that had waited for keys and cannot be rendered; mended, it goes out', async () => {
    await open({ withoutCivilAffairs: true });
    fixture.civilAffairs.behave = stores;
    await fixture.press();
    await flip('reports', 'body_sealed', 'true');
    await fixture.parties.introduce(fixture.parties.civilAffairs, fixture.parties.relay, fixture.civilAffairs.url);
    await fixture.relay.sweepOnce();
    expect(await letters()).toMatchObject([{ party: 'agency:civil-affairs-440299', fault: 'not-rendered' }]);
    await flip('reports', 'body_sealed', 'true');
    await fixture.relay.sweepOnce();
    await fixture.relay.drain();
    expect([await letters(), fixture.civilAffairs.arrivals.length]).toEqual([[], 1]);
  });
});
