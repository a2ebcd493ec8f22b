import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { createId } from '@zhida/core';
import { addTrust, createKeyDirectory, exportTrustFile, signAssertion, trustFingerprint, verifyAttachment } from '@zhida/signing';
import { findCanaries } from '@zhida/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reconcileLedger } from '../src/index.js';
import { aReport, type Fixture, makeFixture } from './support/fixture.js';

const LIMIT = 3_000_000;

let fixture: Fixture;
let reportId: string;
beforeAll(async () => {
  fixture = await makeFixture({ relay: { attachmentBytesMax: LIMIT } });
  reportId = (await fixture.press()).json<{ reportId: string }>().reportId;
});
afterAll(async () => fixture.close());

interface Ask {
  readonly id?: string;
  readonly report?: string;
  readonly headers?: Record<string, string>;
  readonly scope?: string;
}

async function upload(
  payload: Buffer | Readable,
  { id = createId('att'), report = reportId, headers = {}, scope = 'report:create' }: Ask = {},
) {
  return fixture.relay.app.inject({
    method: 'POST',
    url: `/v1/reports/${report}/attachments`,
    headers: { authorization: `Bearer ${await fixture.assertion(scope)}`, 'idempotency-key': id, 'content-type': 'image/jpeg', ...headers },
    payload,
  });
}

async function ask(keys: Fixture['parties']['police'], path = '/v1/agency/attachments') {
  const token = await signAssertion({
    keys,
    audience: 'relay:yunxi',
    scope: 'inbox:read',
    lifetimeSeconds: 300,
    now: fixture.clock.now(),
  });
  return fixture.relay.app.inject({ url: path, headers: { authorization: `Bearer ${token}` } });
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const parts = async (): Promise<number> => (await fixture.database.pool.query('select 1 from attachment_parts')).rows.length;

describe('an attachment of a report', () => {
  test('is taken as a stream, hashed, sealed, and the same again under its id', async () => {
    const bytes = Buffer.concat([Buffer.from('canary-free-text-鵷鶵-770075'), randomBytes(2_000_000)]);
    const id = createId('att');
    const digest = `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;
    const first = await upload(Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]), { id, headers: { 'content-digest': digest } });
    expect([first.statusCode, first.json()]).toEqual([201, { attachmentId: id, sha256: sha256(bytes), size: bytes.length }]);
    const before = await parts();
    const again = await upload(bytes, { id });
    expect([again.statusCode, again.json()]).toEqual([200, first.json()]);
    expect(await parts()).toBe(before);
    const { rows } = await fixture.database.pool.query<{ sealed: Buffer }>('select sealed from attachment_parts');
    expect(findCanaries(Buffer.concat(rows.map(({ sealed }) => sealed)))).toEqual([]);
  });

  test('is refused with a stable code and leaves nothing: other bytes under its id, too many, none, a wrong digest, no id, no such report', async () => {
    const id = createId('att');
    expect((await upload(randomBytes(10), { id })).statusCode).toBe(201);
    const before = await parts();
    const refused = [
      await upload(randomBytes(10), { id }),
      await upload(randomBytes(LIMIT + 1)),
      await upload(Buffer.alloc(0)),
      await upload(randomBytes(10), { headers: { 'content-digest': `sha-256=:${'A'.repeat(43)}=:` } }),
      await upload(randomBytes(10), { headers: { 'content-digest': 'md5=:AA==:' } }),
      await upload(randomBytes(10), { id: 'photo-1' }),
      await upload(randomBytes(10), { report: createId('rpt') }),
      await upload(randomBytes(10), { scope: 'report:read' }),
    ].map((answer) => answer.json<{ code: string; at?: string }>());
    expect(refused.map(({ code, at }) => `${code} ${at ?? ''}`)).toEqual([
      'ZD_ERR_CONFLICT idempotency-key',
      'ZD_ERR_INPUT_TOO_LARGE $',
      'ZD_ERR_INPUT_UNREADABLE $',
      'ZD_ERR_INPUT_UNREADABLE content-digest',
      'ZD_ERR_INPUT_UNREADABLE content-digest',
      'ZD_ERR_IDEMPOTENCY_KEY_MISSING idempotency-key',
      'ZD_ERR_NOT_FOUND id',
      'ZD_ERR_SCOPE_MISSING scope',
    ]);
    expect(await parts()).toBe(before);
  });

  test('that the report names must be those bytes; the report itself says that it is still to come', async () => {
    const [id, bytes] = [createId('att'), randomBytes(20)];
    const answer = await fixture.press(aReport({ attachments: [{ id, contentType: 'image/png', sha256: sha256(bytes) }] }));
    const named = answer.json<{ reportId: string; issues: { code: string; at: string }[] }>();
    expect(named.issues).toContainEqual({ code: 'ATTACHMENT_PENDING', severity: 'information', at: 'attachments[0]' });
    expect((await upload(randomBytes(20), { id, report: named.reportId })).json()).toMatchObject({ at: 'attachments.sha256' });
    expect((await upload(bytes, { id, report: named.reportId })).statusCode).toBe(201);
  });

  // Before the clock is moved: what is on its way meanwhile is refused as too old.
  test('INV-10 is told to no agency that has not signed for the report', async () => {
    const { police } = fixture.parties;
    expect((await ask(police)).json()).toEqual({ attachments: [], next: null });
    await fixture.relay.drain();
    expect((await ask(police)).json<{ attachments: unknown[] }>().attachments.length).toBeGreaterThan(2);
  });

  test('whose upload broke off leaves parts that are swept away after a day', async () => {
    const broken = new Readable({ read() {} });
    broken.push(randomBytes(1_100_000));
    const before = await parts();
    const asked = upload(broken);
    broken.destroy(new Error('the line broke'));
    await asked.catch(() => undefined);
    await fixture.database.pool.query(
      `insert into attachment_parts select facility, 'att_left', 0, sealed, stored_at from attachment_parts limit 1`,
    );
    await fixture.relay.sweepOnce();
    expect(await parts()).toBe(before + 1);
    fixture.clock.advance(25 * 3_600_000);
    await fixture.relay.sweepOnce();
    expect(await parts()).toBe(before);
  });
});

describe('INV-10 who gets an attachment', () => {
  test('INV-10 only whose view shows it and who has signed for the report; nobody else learns that there is one', async () => {
    const { police, civilAffairs } = fixture.parties;
    const { attachments } = (await ask(police)).json<{ attachments: { attachmentId: string }[] }>();
    expect((await ask(civilAffairs)).json()).toEqual({ attachments: [], next: null });
    const path = `/v1/agency/attachments/${attachments[0]?.attachmentId}`;
    expect((await ask(civilAffairs, path)).statusCode).toBe(404);
    expect((await fixture.relay.app.inject({ url: path })).statusCode).toBe(401);
    const answer = await ask(police, path);
    const claims = await verifyAttachment(answer.body.split('\n')[0] ?? '', { trusted: police.trusted, now: fixture.clock.now() });
    expect(claims).toMatchObject({ aud: 'agency:police-440299', reportId, seal: 'enc' });
  });

  test('INV-10 where the view says R the parts are sealed to the key that opens with a reason', async () => {
    const { pool } = fixture.database;
    const keys = await createKeyDirectory(`${fixture.parties.directory}/procuratorate`, {
      party: 'agency:procuratorate-440299',
      role: 'agency',
      mode: 'test',
      clock: fixture.clock,
    });
    const file = exportTrustFile(keys, {
      baseUrl: 'http://127.0.0.1:9',
      notBefore: '2026-01-01T00:00:00Z',
      notAfter: '2036-01-01T00:00:00Z',
    });
    await addTrust(fixture.parties.relay, file, { fingerprint: trustFingerprint(file) });
    await fixture.parties.introduce(fixture.parties.relay, keys, 'http://127.0.0.1:9');
    await pool.query(
      `insert into deliveries (facility, delivery_id, report_id, recipient_party, recipient_kind, recipient_name, view, priority, state, next_due_at, created_at)
       select facility, $1, report_id, $2, 'procuratorate', '{}', 'procuratorate', priority, 'stored', next_due_at, created_at
       from deliveries where report_id = $3 limit 1`,
      [createId('dlv'), keys.party, reportId],
    );
    const { attachments } = (await ask(keys)).json<{ attachments: { attachmentId: string }[] }>();
    const answer = await ask(keys, `/v1/agency/attachments/${attachments[0]?.attachmentId}`);
    const [head = '', part = ''] = answer.body.split('\n');
    await keys.trusted.reload();
    expect(await verifyAttachment(head, { trusted: keys.trusted, now: fixture.clock.now() })).toMatchObject({ seal: 'restricted' });
    const { kid } = JSON.parse(Buffer.from(part.split('.')[0] ?? '', 'base64url').toString()) as { kid: string };
    expect(keys.restrictedKeys.map((key) => key.kid)).toContain(kid);
    await pool.query('alter table deliveries disable trigger user');
    await pool.query('delete from deliveries where recipient_party = $1', [keys.party]);
    await pool.query('alter table deliveries enable trigger user');
  });

  test('INV-2 reconcile counts what is stored and what is still owed, and finds no difference', async () => {
    const { attachments, differences } = await reconcileLedger(fixture.database.pool);
    expect(differences).toEqual([]);
    expect(attachments).toEqual({ total: 3, owed: 3 });
  });

  test('INV-11 no log line names what an attachment holds', () => {
    expect(findCanaries(fixture.log.join('\n'))).toEqual([]);
  });
});
