import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { createId, isoNow } from '@zhida/core';
import { addTrust, exportTrustFile, rotateKeys, signReceipt } from '@zhida/signing';
import { waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RelayOptions } from '../src/index.js';
import { type Fixture, LOOPBACK, makeFixture } from './support/fixture.js';
import { answers, stores } from './support/scripted-agency.js';

const POLICE = 'agency:police-440299';
const MINUTE = 60_000;
/** Statements a look takes at the most. */
const ONE_LOOK = 500;

/** The police stand behind a one-way gate; civil affairs are pushed to. */
let fixture: Fixture;
let root: string;
let inbound: string;
let out: string;
/** Of a gate that comes before that of the police. */
let hungIn: string;
let endpoints: NonNullable<RelayOptions['endpoints']>;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'zhida-gate-'));
  [inbound, out] = [join(root, 'in'), join(root, 'out')];
  hungIn = join(root, 'hung');
  const hung = { ferry: { in: hungIn, out: join(root, 'hung-out') } };
  endpoints = {
    'agency:police-440298': hung,
    [POLICE]: { ...LOOPBACK, ferry: { in: inbound, out } },
    'agency:civil-affairs-440299': LOOPBACK,
  };
  fixture = await makeFixture({ relay: { endpoints } });
  await mkdir(inbound, { recursive: true });
});
afterAll(async () => {
  await fixture.close();
  await rm(root, { recursive: true, force: true });
});

async function rows(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await fixture.database.pool.query<Record<string, unknown>>(sql, values)).rows;
}

/** Presses, and lays the receipt of the police into the gate's directory. */
async function pressAndSign(file: string, keys = fixture.parties.police): Promise<string> {
  const { reportId } = (await fixture.press()).json<{ reportId: string }>();
  await fixture.relay.drain();
  const [delivery] = await rows('select delivery_id, payload_sha256 from deliveries where report_id = $1 and recipient_party = $2', [
    reportId,
    POLICE,
  ]);
  const jws = await signReceipt(
    {
      v: '1',
      mode: 'test',
      iss: POLICE,
      aud: 'relay:yunxi',
      receiptId: createId('rcp'),
      deliveryId: String(delivery?.['delivery_id']),
      reportId,
      sequence: 1,
      payloadSha256: String(delivery?.['payload_sha256']),
      stage: 'stored',
      agencyNumber: null,
      transferredTo: null,
      at: isoNow(fixture.clock),
    },
    keys,
  );
  await writeFile(join(inbound, file), jws);
  return reportId;
}

async function stateOf(reportId: string): Promise<unknown> {
  return (await rows('select state from deliveries where report_id = $1 and recipient_party = $2', [reportId, POLICE]))[0]?.['state'];
}

test('a ferried receipt outlasts a database that cannot write, however long, and is not hidden by the gate’s own files', async () => {
  for (let at = 0; at < ONE_LOOK; at += 1) await writeFile(join(inbound, `gate-${at}.log`), '');
  const reportId = await pressAndSign('receipts-1.jws');
  await rows(
    `create function disk_full() returns trigger language plpgsql as
     $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$`,
  );
  await rows('create trigger full_disk before insert on receipts for each row execute function disk_full()');
  for (let look = 0; look < 3; look += 1) {
    await fixture.relay.sweepOnce();
    fixture.clock.advance(20 * MINUTE);
  }
  await rows('drop trigger full_disk on receipts');
  await fixture.relay.sweepOnce();
  expect(await stateOf(reportId)).toBe('stored');
});

test('what was signed by a key nobody had pinned yet is taken from refused/ once somebody has, without a hand', async () => {
  const at = (days: number): string => new Date(fixture.clock.now() + days * 24 * 60 * MINUTE).toISOString();
  const rotated = await rotateKeys(fixture.parties.police, { activateAt: at(1), retireAt: at(30) });
  fixture.clock.advance(2 * 24 * 60 * MINUTE);
  const reportId = await pressAndSign('receipts-new-key.jws', rotated);
  await fixture.relay.sweepOnce();
  fixture.clock.advance(11 * MINUTE);
  await fixture.relay.sweepOnce();
  expect(await readdir(join(inbound, 'refused'))).toContain('receipts-new-key.jws');
  fixture.clock.advance(60 * MINUTE);
  await fixture.relay.sweepOnce();
  expect(await stateOf(reportId)).toBe('open');
  const file = exportTrustFile(rotated, { baseUrl: fixture.police.url, notBefore: at(-10), notAfter: at(700) });
  expect((await addTrust(fixture.parties.relay, file)).change).toBe('replaced');
  fixture.clock.advance(60 * MINUTE);
  await fixture.relay.sweepOnce();
  expect(await stateOf(reportId)).toBe('stored');
  expect(await readdir(join(inbound, 'refused'))).not.toContain('receipts-new-key.jws');
});

test('what lies in refused/ behind more than one look takes is taken by the looks after it', async () => {
  const refused = join(inbound, 'refused');
  await mkdir(refused, { recursive: true });
  for (let at = 0; at < ONE_LOOK; at += 1) await writeFile(join(refused, `receipts-${String(at).padStart(3, '0')}.jws`), 'never a receipt');
  const reportId = await pressAndSign('receipts-last.jws');
  await rename(join(inbound, 'receipts-last.jws'), join(refused, 'receipts-last.jws'));
  fixture.clock.advance(60 * MINUTE);
  await fixture.relay.sweepOnce();
  expect(await stateOf(reportId)).toBe('open');
  await fixture.relay.sweepOnce();
  expect(await stateOf(reportId)).toBe('stored');
  await rm(refused, { recursive: true });
});

test('one attachment that does not open keeps none behind it, and not the fifty-first, from the gate; it is not tried every second', async () => {
  const reportId = await pressAndSign('receipts-2.jws');
  await fixture.relay.sweepOnce();
  const headers = { authorization: `Bearer ${await fixture.assertion('report:create')}`, 'content-type': 'image/jpeg' };
  const url = `/v1/reports/${reportId}/attachments`;
  const ids = Array.from({ length: 52 }, () => createId('att', fixture.clock)).sort();
  for (const id of ids) {
    const answer = await fixture.relay.app.inject({
      method: 'POST',
      url,
      headers: { ...headers, 'idempotency-key': id },
      payload: randomBytes(8),
    });
    expect(answer.statusCode).toBe(201);
  }
  await rows('delete from attachment_parts where upload_id = (select upload_id from attachments order by attachment_id limit 1)');
  await fixture.relay.sweepOnce();
  const laidDown = async (): Promise<string[]> => (await readdir(out)).filter((name) => name.endsWith('.zda')).sort();
  expect(await laidDown()).toEqual(ids.slice(1).map((id) => `${id}.zda`));
  const handedOut = async (): Promise<unknown> =>
    (await rows(`select count(*) from audit_entries where convert_from(bytes, 'UTF8') like '%attachment.handed-out%'`))[0]?.['count'];
  const before = await handedOut();
  await fixture.relay.sweepOnce();
  expect(await handedOut()).toBe(before);
});

test('a commit whose answer is lost leaves the attachment whole', async () => {
  const { reportId } = (await fixture.press()).json<{ reportId: string }>();
  const { pool } = fixture.database;
  let lost = 0;
  pool.on('acquire', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    let entering = false;
    client.query = (async (...args: unknown[]) => {
      const [given] = args as [string | { text: string }];
      const text = typeof given === 'string' ? given : given.text;
      if (text.startsWith('insert into "attachments"')) entering = true;
      const answer = await query(...args);
      if (entering && text === 'commit' && (lost += 1) === 1) throw new Error('Connection terminated unexpectedly');
      return answer;
    }) as typeof client.query;
  });
  const id = createId('att', fixture.clock);
  const send = async () =>
    fixture.relay.app.inject({
      method: 'POST',
      url: `/v1/reports/${reportId}/attachments`,
      headers: {
        authorization: `Bearer ${await fixture.assertion('report:create')}`,
        'content-type': 'image/jpeg',
        'idempotency-key': id,
      },
      payload: Buffer.from('the same bytes'),
    });
  expect((await send()).statusCode).toBe(503);
  pool.removeAllListeners('acquire');
  expect((await send()).statusCode).toBe(200);
  const found = await rows('select position from attachment_parts join attachments using (facility, upload_id) where attachment_id = $1', [
    id,
  ]);
  expect(found).toHaveLength(1);
});

describe('a directory that hangs', () => {
  // A relay that soon calls it that; the others must not, however slow the machine is.
  beforeAll(async () => {
    await fixture.close();
    fixture = await makeFixture({ relay: { endpoints, delivery: { attemptTimeoutMs: 2_000 } } });
  });

  test('a package for a gate whose directory hangs is an attempt that failed, and nothing more is asked of it', async () => {
    const { deliveries } = (await fixture.press()).json<{ deliveries: { deliveryId: string; recipient: { party: string } }[] }>();
    const deliveryId = deliveries.find(({ recipient }) => recipient.party === POLICE)?.deliveryId ?? '';
    // Where the package is written before it gets its name.
    const pipe = join(out, `.${deliveryId}.zde.${process.pid}`);
    await promisify(execFile)('mkfifo', [pipe]);
    await fixture.relay.drain();
    const attempts = await rows('select outcome, detail from attempts where delivery_id = $1', [deliveryId]);
    expect(attempts).toEqual([{ outcome: 'unknown', detail: 'ferry-hangs' }]);
    const reader = await open(pipe, 'r');
    await waitUntil(async () => !(await readdir(out)).includes(basename(pipe)), { what: 'the draft is taken away', deadlineMs: 30_000 });
    await reader.close();
  });

  test('a share that hangs holds up its gate alone: other gates are read, the sweep goes on delivering, and it is said', async () => {
    fixture.civilAffairs.behave = answers(503);
    const { reportId } = (await fixture.press()).json<{ reportId: string }>();
    await fixture.relay.drain();
    const signed = await pressAndSign('receipts-3.jws');
    const before = fixture.log.length;
    // How many of these two: on a slow machine another may seem to hang for a moment.
    const said = (words: string): number =>
      [hungIn, inbound].filter((directory) =>
        fixture.log.slice(before).some((line) => line.includes(words) && line.includes(`"${directory}"`)),
      ).length;
    const hanging = async (): Promise<number> =>
      Number(/zhida_relay_gates_hanging (\d+)/.exec((await fixture.relay.app.inject({ url: '/metrics' })).payload)?.[1]);
    // Pipes nobody uses at the other end: reading or writing them hangs as a dead network share does.
    const pipes = [join(hungIn, 'receipts-0.jws'), join(inbound, 'receipts-9.jws')];
    await mkdir(hungIn, { recursive: true });
    for (const pipe of pipes) await promisify(execFile)('mkfifo', [pipe]);
    await fixture.start();
    fixture.civilAffairs.behave = stores;
    await waitUntil(
      async () => {
        // An attempt that a slow machine did not end in time is made again.
        fixture.clock.advance(MINUTE);
        const sent = await rows(`select 1 from deliveries where report_id = $1 and recipient_party <> $2 and state = 'stored'`, [
          reportId,
          POLICE,
        ]);
        return sent.length === 1 && (await stateOf(signed)) === 'stored';
      },
      { what: 'the sweep has sent it again, and the other gate is read', deadlineMs: 60_000 },
    );
    await waitUntil(() => said('the directory of a gate hangs') === 2, { what: 'both are reported', deadlineMs: 60_000 });
    await waitUntil(async () => (await hanging()) >= 2, { what: 'both are counted', deadlineMs: 60_000 });
    for (const pipe of pipes) await (await open(pipe, 'w')).close();
    await waitUntil(() => said('the directory of a gate answers again') === 2, { what: 'both answer again', deadlineMs: 60_000 });
  });
});
