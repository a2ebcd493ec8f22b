import { createHash, randomBytes } from 'node:crypto';
import { createId } from '@zhida/core';
import type { ReportStatus } from '@zhida/relay';
import { checkReportNumber } from '@zhida/report';
import { waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FACILITY, type Fixture, makeFixture, only } from './support/fixture.js';
import { openStream } from './support/read-stream.js';
import { type RelayBeside, startRelayBeside } from './support/relay-beside.js';
import { bruisedInfant, pregnantGirl } from './support/visits.js';

let fixture: Fixture;
let beside: RelayBeside;

beforeAll(async () => {
  fixture = await makeFixture({ relayTrusted: false, settings: { relayAnswerMs: 5_000 } });
  beside = await startRelayBeside(fixture);
});

afterAll(async () => {
  await fixture.close();
  await beside.close();
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
  expect(status).toEqual(JSON.parse(JSON.stringify(await beside.relay.ledger.status(FACILITY.code, reportId))));

  const stream = await openStream<ReportStatus>(`${fixture.url}/v1/reports/${reportId}/events`, headers);
  await waitUntil(() => stream.events.length > 0, { what: 'the status' });
  expect(stream.events[0]?.data.number).toBe(number);
  stream.close();
});

test('a press while the relay is stopped is held, and reaches it once it is back', async () => {
  await fixture.reset();
  await beside.relay.stop();
  await fixture.send(bruisedInfant());
  const chosen = only(await fixture.prompts());
  expect((await fixture.press(chosen)).statusCode).toBe(201);
  await beside.startAgain();
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
  const { rows } = await beside.database.pool.query('select report_id, content_type from attachments');
  expect(rows).toEqual([{ report_id: reportId, content_type: 'image/jpeg' }]);
});
