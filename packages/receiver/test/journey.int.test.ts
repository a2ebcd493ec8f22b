import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { auditOrigin, publicKeyOfSigner, verifyAuditDirectory } from '@zhida/audit-log';
import { createSequencer } from '@zhida/audit-log/postgres';
import { systemClock } from '@zhida/core';
import { openDatabase, type OpenDatabase } from '@zhida/database';
import { type ReceiptClaims, verifyReceipt } from '@zhida/signing';
import { canaries, createTestDatabase, findCanaries, type TestDatabase, waitUntil } from '@zhida/testkit';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addOfficer, createReceiver, type Inbox, type Receiver, receiverPlugin } from '../src/index.js';
import { openPostgresInbox, type ReceiverSchema } from '../src/postgres.js';
import { sampleActs, sampleDelivery } from '../src/testing/sample-delivery.js';
import { createVault } from '../src/vault.js';
import { makePair, type Pair, pin } from './keys.js';
import { push, writeLetter } from './sample-report.js';

const clock = systemClock;
const officer = { id: 'P1024', name: '警员甲' };

let pair: Pair;
let testDatabase: TestDatabase;
let database: OpenDatabase<ReceiverSchema>;
let inbox: Inbox;
let receiver: Receiver;
let app: FastifyInstance;
let agencyUrl: string;
let relay: FakeRelay;
const logLines: string[] = [];

beforeAll(async () => {
  relay = await startFakeRelay();
  pair = await makePair(clock, { relayUrl: relay.url });
  testDatabase = await createTestDatabase();
  database = openDatabase<ReceiverSchema>({ url: testDatabase.url });
  inbox = await openPostgresInbox({ database, keys: pair.agency });
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logLines.push(chunk.toString('utf8'));
      done();
    },
  });
  app = fastify({ logger: { level: 'trace', stream } });
  receiver = createReceiver({
    keys: pair.agency,
    inbox,
    logger: app.log,
    outbox: { sweepEveryMs: 20, ladderSeconds: [0.05], thenEverySeconds: 0.05 },
  });
  await app.register(receiverPlugin, { receiver, keys: pair.agency });
  agencyUrl = await app.listen({ host: '127.0.0.1', port: 0 });
  await pin(pair.relay, pair.agency, agencyUrl);
  receiver.start();
});
afterAll(async () => {
  await receiver.stop();
  await app.close();
  await inbox.close();
  await testDatabase.drop();
  await relay.stop();
  await pair.remove();
});

async function post({ body, headers }: { body: Buffer; headers: Readonly<Record<string, string>> }): Promise<Response> {
  return fetch(`${agencyUrl}/v1/envelopes`, {
    method: 'POST',
    headers: { 'content-type': 'application/jose', ...headers },
    body: new Uint8Array(body),
  });
}

describe('an agency over PostgreSQL', () => {
  test('INV-4 a storm of fifty copies of one envelope leaves one row, one audit entry and one receipt', async () => {
    const letter = await writeLetter(pair, clock.now());
    const copies = await Promise.all(Array.from({ length: 50 }, () => push(pair, letter, clock.now())));
    const answers = await Promise.all(copies.map(async (copy) => (await post(copy)).text()));
    expect(new Set(answers).size).toBe(1);
    const { deliveryId, reportId } = letter.claims;
    expect(
      await verifyReceipt(answers[0]!, { trusted: pair.relay.trusted, expected: { deliveryId, reportId, mode: 'test' } }),
    ).toMatchObject({ stage: 'stored' });
    const { rows } = await database.pool.query('select count(*)::int as count from inbox where delivery_id = $1', [deliveryId]);
    expect(rows).toEqual([{ count: 1 }]);
    expect(await inbox.trail(deliveryId)).toHaveLength(1);
  });

  test('a claim whose connection dies lapses: nothing is stored, and the next attempt is the first', async () => {
    const delivery = sampleDelivery({ wrappedKey: createVault(pair.agency).newKey() });
    const killed = inbox.take(
      delivery,
      sampleActs(delivery, async () => {
        await database.pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`,
        );
        return sampleActs(delivery).sign();
      }),
    );
    await expect(killed).rejects.toMatchObject({ code: 'ZD_ERR_DATABASE_UNAVAILABLE' });
    expect(await inbox.find(delivery.deliveryId)).toBeUndefined();
    expect(await inbox.take(delivery, sampleActs(delivery))).toMatchObject({ outcome: 'new' });
  });

  test('two processes on one database give one receipt', async () => {
    const other = openDatabase<ReceiverSchema>({ url: testDatabase.url });
    const second = createReceiver({ keys: pair.agency, inbox: await openPostgresInbox({ database: other, keys: pair.agency }) });
    const letter = await writeLetter(pair, clock.now());
    const answers = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const { body, headers } = await push(pair, letter, clock.now());
        return (await (index % 2 === 0 ? receiver : second).receive(body, headers)).body;
      }),
    );
    expect(new Set(answers).size).toBe(1);
    await other.close();
  });

  test('from press to 受理 and back: the receipt waits for the relay, then arrives once as it was signed', async () => {
    const letter = await writeLetter(pair, clock.now());
    const { deliveryId } = letter.claims;
    expect((await post(await push(pair, letter, clock.now()))).status).toBe(200);
    relay.away = true;
    const { code } = await addOfficer(pair.agency.directory, officer);
    const session = await fetch(`${agencyUrl}/v1/session`, json({ officer: officer.id, code }));
    const { token } = (await session.json()) as { token: string };
    const accepted = await fetch(`${agencyUrl}/v1/inbox/${deliveryId}/accept`, json({ agencyNumber: 'JJ-2026-0071' }, token));
    const { jws } = (await accepted.json()) as { jws: string };
    await waitUntil(() => relay.refused > 1, { what: 'attempts while the relay is away' });
    expect(await receiver.waiting()).toBe(1);
    relay.away = false;
    await waitUntil(async () => (await receiver.waiting()) === 0, { what: 'the receipt to be taken' });
    expect(relay.taken.filter((body) => body === jws)).toHaveLength(1);
    const claims: ReceiptClaims = await verifyReceipt(jws, { trusted: pair.relay.trusted, expected: { deliveryId } });
    expect(claims).toMatchObject({ stage: 'accepted', agencyNumber: 'JJ-2026-0071' });
    await fetch(`${agencyUrl}/v1/inbox/${deliveryId}`, { headers: { authorization: `Bearer ${token}` } });
    await fetch(`${agencyUrl}/v1/inbox/${deliveryId}/restricted/reporter`, json({ reason: `核实 ${canaries.freeText}` }, token));
    await fetch(`${agencyUrl}/v1/inbox/${deliveryId}/feedback`, json({ code: 'filed', reason: canaries.freeText }, token));
    expect((await inbox.trail(deliveryId)).map(({ action }) => action)).toEqual([
      'delivery.stored',
      'delivery.accepted',
      'delivery.opened',
      'restricted.opened',
      'feedback.filed',
    ]);
  });

  test('INV-11 nothing about a person is in a log line, a row, or a file of the audit log; INV-12 which proves itself', async () => {
    const directory = join(pair.root, 'audit');
    const signer = { name: auditOrigin(pair.agency), privateKey: pair.agency.signingKey.privateKey };
    const sequencer = createSequencer({ pool: database.pool, directory, origin: auditOrigin(pair.agency), signer });
    const { size } = await sequencer.runOnce();
    expect(size).toBeGreaterThan(5);
    expect(await verifyAuditDirectory(directory, { publicKeys: [publicKeyOfSigner(signer)] })).toMatchObject({ ok: true, size });
    for (const name of await readdir(directory, { recursive: true, withFileTypes: true })) {
      if (name.isFile()) expect(findCanaries(await readFile(join(name.parentPath, name.name)))).toEqual([]);
    }
    expect(logLines.length).toBeGreaterThan(50);
    expect(findCanaries(logLines.join(''))).toEqual([]);
    expect(findCanaries(await dump(database))).toEqual([]);
    expect(findCanaries(relay.urls.join('\n'))).toEqual([]);
  });
});

/** Every row of every table, as text. */
async function dump({ pool }: OpenDatabase<ReceiverSchema>): Promise<Buffer> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public'`,
  );
  expect(tables.length).toBeGreaterThan(6);
  const parts: Buffer[] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query<Record<string, unknown>>(`select * from "${name}"`);
    for (const value of rows.flatMap((row) => Object.values(row))) {
      parts.push(Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value) ?? ''));
    }
  }
  return Buffer.concat(parts);
}

function json(body: object, token?: string): RequestInit {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return { method: 'POST', headers: { 'content-type': 'application/json', ...authorization }, body: JSON.stringify(body) };
}

interface FakeRelay {
  readonly url: string;
  away: boolean;
  refused: number;
  readonly taken: string[];
  readonly urls: string[];
  stop(): Promise<void>;
}

/** A relay on loopback that takes statements, or answers 503 while it is away. */
async function startFakeRelay(): Promise<FakeRelay> {
  const state = { away: false, refused: 0, taken: [] as string[], urls: [] as string[] };
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      state.urls.push(request.url ?? '');
      if (relay.away) relay.refused += 1;
      else state.taken.push(Buffer.concat(chunks).toString('utf8'));
      response.writeHead(relay.away ? 503 : 200, { 'content-type': 'application/json' }).end('{"recorded":true,"repeat":false}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return Object.assign(state, { url: `http://127.0.0.1:${port}`, stop });
}
