import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createId } from '@zhida/core';
import { openDatabase, type OpenDatabase } from '@zhida/database';
import { sampleCountyProfile } from '@zhida/packs';
import { createRelay, type Relay, type RelaySchema, type ReportStatus } from '@zhida/relay';
import { checkReportNumber } from '@zhida/report';
import { createTestDatabase, type TestDatabase, waitUntil } from '@zhida/testkit';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FACILITY, type Fixture, makeFixture, only } from './support/fixture.js';
import { openStream } from './support/read-stream.js';
import { bruisedInfant, pregnantGirl } from './support/visits.js';

/** The relay as it is installed beside the gateway, with its own keys, its own database, and no agency trusted yet. */
let fixture: Fixture;
let relay: Relay;
let relayDatabase: OpenDatabase<RelaySchema>;
let testDatabase: TestDatabase;
let dataDirectory = '';

async function startRelay(port: number): Promise<Relay> {
  const started = await createRelay({
    database: relayDatabase,
    keys: fixture.parties.relay,
    profile: sampleCountyProfile,
    mode: 'test',
    facilityCodes: [FACILITY.code],
    queue: { backend: 'postgres', url: testDatabase.url },
    dataDirectory,
    listen: { host: '127.0.0.1', port },
    clock: fixture.clock,
    logger: pino({ level: 'silent' }),
  });
  await started.start();
  return started;
}

beforeAll(async () => {
  fixture = await makeFixture({ relayTrusted: false, settings: { relayAnswerMs: 5_000 } });
  testDatabase = await createTestDatabase();
  dataDirectory = await mkdtemp(join(tmpdir(), 'zhida-gateway-relay-'));
  relayDatabase = openDatabase<RelaySchema>({ url: testDatabase.url });
  relay = await startRelay(0);
  const { port } = relay.app.server.address() as { port: number };
  await fixture.parties.introduce(fixture.parties.relay, fixture.parties.gateway, `http://127.0.0.1:${port}`);
  await waitUntil(() => fixture.parties.gateway.trusted.party('relay:yunxi') !== undefined, {
    what: 'the gateway has read the trust file',
  });
});

afterAll(async () => {
  await fixture.close();
  await relay.stop();
  await relayDatabase.close();
  await testDatabase.drop();
  await rm(dataDirectory, { recursive: true, force: true });
});

test('a press travels to the relay’s ledger, and its 202, status and events come back as the relay wrote them', async () => {
  await fixture.send(pregnantGirl());
  const chosen = only(await fixture.prompts());
  const answer = await fixture.press(chosen);
  expect(answer.statusCode).toBe(202);
  const { reportId, number, deliveries, issues } = answer.json<{
    reportId: string;
    number: string;
    deliveries: unknown[];
    issues: { code: string; at: string }[];
  }>();
  expect(checkReportNumber(number)).toBe(true);
  expect(deliveries).toHaveLength(3);
  // What the gateway fills in is a report the relay reads; the id is the relay's to give, and 自称哥哥 is no code.
  expect(issues.map(({ code, at }) => `${code} ${at}`)).toEqual([
    'VALUE_DEFAULTED reportId',
    'FIELD_UNKNOWN_CODE companions[0].relationship',
  ]);

  const again = await fixture.press(chosen);
  expect([again.statusCode, again.body]).toEqual([200, answer.body]);

  const headers = { authorization: `Bearer ${await fixture.clinician()}` };
  const status = (await fixture.gateway.app.inject({ method: 'GET', url: `/v1/reports/${chosen.pressId}`, headers })).json<ReportStatus>();
  expect(status).toMatchObject({ reportId, number, headline: 'submitted' });
  expect(status).toEqual(JSON.parse(JSON.stringify(await relay.ledger.status(FACILITY.code, reportId))));

  const stream = await openStream<ReportStatus>(`${fixture.url}/v1/reports/${reportId}/events`, headers);
  await waitUntil(() => stream.events.length > 0, { what: 'the status' });
  expect(stream.events[0]?.data.number).toBe(number);
  stream.close();
});

test('a press while the relay is stopped is held, and reaches it once it is back', async () => {
  await fixture.reset();
  await relay.stop();
  await fixture.send(bruisedInfant());
  const chosen = only(await fixture.prompts());
  expect((await fixture.press(chosen)).statusCode).toBe(201);
  const { port } = new URL(fixture.parties.gateway.trusted.party('relay:yunxi')?.baseUrl ?? '');
  relay = await startRelay(Number(port));
  await waitUntil(
    async () => {
      fixture.clock.advance(60_000);
      return only(await fixture.prompts()).reports.length === 1;
    },
    { what: 'the held press has a number' },
  );
});

test('an attachment goes through to the relay as it streams in, for the account whose report it is and for nobody else', async () => {
  await fixture.reset();
  await fixture.send(pregnantGirl());
  const prompt = only(await fixture.prompts());
  const { reportId } = (await fixture.press(prompt)).json<{ reportId: string }>();
  const attachmentId = createId('att');
  const bytes = randomBytes(1_500_000);
  const put = (account: string) =>
    fixture.clinician(account).then((token) =>
      fixture.gateway.app.inject({
        method: 'POST',
        url: `/v1/reports/${prompt.pressId}/attachments`,
        headers: { authorization: `Bearer ${token}`, 'idempotency-key': attachmentId, 'content-type': 'image/jpeg' },
        payload: bytes,
      }),
    );
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  expect((await put('D1001')).json()).toEqual({ attachmentId, sha256, size: bytes.length });
  expect((await put('D1001')).statusCode).toBe(200);
  expect((await put('D1002')).statusCode).toBe(404);
  const { rows } = await relayDatabase.pool.query('select report_id, content_type from attachments');
  expect(rows).toEqual([{ report_id: reportId, content_type: 'image/jpeg' }]);
});
