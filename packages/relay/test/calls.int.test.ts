import { createId } from '@zhida/core';
import { canaries, findCanaries } from '@zhida/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FACILITY, type Fixture, makeFixture } from './support/fixture.js';
import { answers, stores } from './support/scripted-agency.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture({ relay: { delivery: { breakerAfter: 1_000 } } });
});
afterAll(async () => fixture.close());

async function pressed(): Promise<string> {
  const answer = await fixture.press();
  await fixture.relay.drain();
  return answer.json<{ reportId: string }>().reportId;
}

const aCall = (overrides: Record<string, unknown> = {}) => ({
  callId: createId('cal'),
  number: '110',
  at: '2026-11-22T20:31:00+08:00',
  outcome: 'answered',
  answeredBy: canaries.childName,
  incidentNumber: 'J44029900112',
  account: 'account-77',
  ...overrides,
});

async function log(reportId: string, call: unknown, scope = 'report:create') {
  const headers = { authorization: `Bearer ${await fixture.assertion(scope)}`, 'content-type': 'application/json' };
  const payload = typeof call === 'string' ? call : JSON.stringify(call);
  return fixture.relay.app.inject({ method: 'POST', url: `/v1/reports/${reportId}/calls`, headers, payload });
}

const status = (reportId: string) => fixture.relay.ledger.status(FACILITY, reportId);
const rowsOf = async (sql: string) => (await fixture.database.pool.query(sql)).rows as Record<string, unknown>[];

describe('a telephone call about a report', () => {
  test('INV-5 a logged call neither closes nor moves a delivery, and sending goes on', async () => {
    fixture.police.behave = answers(500);
    fixture.civilAffairs.behave = answers(500);
    const reportId = await pressed();
    const before = await status(reportId);
    expect((await log(reportId, aCall())).json()).toEqual({ recorded: true, repeat: false });
    const after = await status(reportId);
    expect(after).toMatchObject({ headline: 'submitted', lines: before?.lines });
    expect(after?.lines.map(({ state }) => state)).toEqual(['open', 'open']);
    expect(after?.version).toBe((before?.version ?? 0) + 1);
    fixture.police.behave = stores;
    fixture.civilAffairs.behave = stores;
    fixture.clock.advance(3_600_000);
    await fixture.relay.drain();
    expect(await status(reportId)).toMatchObject({ headline: 'stored', calls: [{ outcome: 'answered', at: '2026-11-22T12:31:00.000Z' }] });
  });

  test('the same call twice is one; its id for another call is a conflict', async () => {
    const reportId = await pressed();
    const call = aCall();
    await log(reportId, call);
    expect((await log(reportId, { ...call, account: 'account-78' })).json()).toEqual({ recorded: true, repeat: true });
    expect((await log(reportId, { ...call, incidentNumber: 'other' })).json()).toMatchObject({ status: 409, code: 'ZD_ERR_CONFLICT' });
    expect((await log(await pressed(), call)).json()).toMatchObject({ status: 409, code: 'ZD_ERR_CONFLICT' });
    expect((await status(reportId))?.calls).toHaveLength(1);
  });

  test('INV-11 who answered and the incident number are sealed; INV-12 the audit entry comes with the row', async () => {
    const reportId = await pressed();
    const call = aCall();
    await log(reportId, call);
    await log(reportId, aCall({ outcome: 'no-answer' }));
    const rows = await rowsOf('select * from calls');
    const events = await rowsOf('select status from report_events');
    expect(findCanaries(JSON.stringify([rows, events, fixture.log]))).toEqual([]);
    expect(JSON.stringify([rows, events])).not.toContain('J44029900112');
    const entries = (await rowsOf('select bytes from audit_entries')).map(({ bytes }) => String(bytes));
    // Whom it reached, nobody for one and several for another, is no token and belongs into the sealed detail.
    const recorded = entries.filter((entry) => entry.includes('call.recorded') && entry.includes(reportId));
    expect(recorded.map((entry) => [entry.includes(call.callId), entry.includes('withheld')])).toEqual([
      [true, false],
      [false, false],
    ]);
    expect(entries.join()).not.toContain('J44029900112');
  });

  test.each([
    ['callId', { callId: 'x' }],
    ['outcome', { outcome: 'maybe' }],
    ['at', { at: 'soon' }],
    ['number', { number: 7 }],
    ['answeredBy', { answeredBy: 'x'.repeat(201) }],
  ])('a wrong %s is refused by its name and nothing is written', async (at, wrong) => {
    const reportId = await pressed();
    expect((await log(reportId, aCall(wrong))).json()).toMatchObject({ status: 400, code: 'ZD_ERR_INPUT_UNREADABLE', at });
    expect((await log(reportId, '[')).json()).toMatchObject({ status: 400, at: '$' });
    expect((await status(reportId))?.calls).toEqual([]);
  });

  test('needs a credential that may report, and a report of this facility', async () => {
    expect((await log(createId('rpt'), aCall())).statusCode).toBe(404);
    expect((await log(await pressed(), aCall(), 'report:read')).statusCode).toBe(403);
  });
});
