import { createId } from '@zhida/core';
import { canaries, findCanaries } from '@zhida/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listWaiting } from '../src/ledger/waiting.js';
import { aReport, FACILITY, type Fixture, makeFixture, STATION, withStation } from './support/fixture.js';
import { postReceipt } from './support/receipts.js';
import { answers, stores } from './support/scripted-agency.js';

const MINUTE = 60_000;

interface Waiting {
  readonly reportId: string;
  readonly number: string;
  readonly mode: string;
  readonly lines: readonly { deliveryId: string; state: string; attestable: boolean; recipient: { party: string; kind: string } }[];
  readonly calls: readonly { outcome: string }[];
}

let fixture: Fixture;
beforeEach(async () => {
  fixture = await makeFixture({ relay: withStation });
});
afterEach(async () => fixture.close());

async function waiting(account?: string): Promise<Waiting[]> {
  return (await fixture.operate('GET', '/v1/waiting', undefined, account)).json<{ reports: Waiting[] }>().reports;
}

async function pressed(body?: unknown): Promise<string> {
  return (await fixture.press(body)).json<{ reportId: string }>().reportId;
}

async function ask(method: 'GET' | 'POST', url: string, scope: string, body?: object, sub = 'duty-1') {
  return fixture.relay.app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${await fixture.assertion(scope, { extra: { sub } })}` },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  });
}

describe('reports without police acceptance', () => {
  test('stay in the list when the police system holds them, and leave it when an officer accepts', async () => {
    const reportId = await pressed();
    expect((await waiting()).map((report) => report.reportId)).toEqual([reportId]);
    await fixture.relay.drain();
    const [stored] = await waiting();
    expect(stored).toMatchObject({ reportId, mode: 'test', headline: 'stored' });
    const [arrival] = fixture.police.arrivals;
    if (arrival === undefined) throw new Error('nothing arrived');
    expect((await postReceipt(fixture, arrival, { stage: 'accepted' })).statusCode).toBe(200);
    expect(await waiting()).toEqual([]);
  });

  test('INV-5 a call is shown beside the report and takes it from no list; an attestation does', async () => {
    fixture.police.behave = answers(500);
    const reportId = await pressed();
    const call = { callId: createId('cal'), outcome: 'answered', at: '2026-11-22T20:31:00+08:00', number: '110' };
    expect((await ask('POST', `/v1/reports/${reportId}/calls`, 'report:create', call)).statusCode).toBe(200);
    const [report] = await waiting();
    expect(report?.calls.map(({ outcome }) => outcome)).toEqual(['answered']);
    const station = report?.lines.find(({ recipient }) => recipient.party === STATION.party);
    const handover = { handedTo: '值班民警', handedAt: '2026-11-22T20:30:00+08:00', how: 'telephone' };
    expect((await fixture.operate('POST', `/v1/deliveries/${station?.deliveryId}/attest`, handover)).statusCode).toBe(200);
    expect(await waiting()).toEqual([]);
  });

  test('INV-5 a handover may be attested where there is no system, and to one that has a system after its 30-minute rung', async () => {
    fixture.police.behave = answers(500);
    await pressed();
    const attestable = async () =>
      Object.fromEntries((await waiting())[0]?.lines.map(({ recipient, attestable: may }) => [recipient.party, may]) ?? []);
    expect(await attestable()).toMatchObject({ 'agency:police-440299': false, [STATION.party]: true });
    for (let minute = 0; minute <= 30; minute += 10) {
      await fixture.relay.escalateOnce();
      fixture.clock.advance(10 * MINUTE);
    }
    expect(await attestable()).toMatchObject({ 'agency:police-440299': true, [STATION.party]: true });
  });

  test.each([
    ['open', answers(500)],
    ['stored', stores],
  ])('fill a page by reports, newest first, and not by the recipients of each that are %s', async (_state, behave) => {
    [fixture.police.behave, fixture.civilAffairs.behave] = [behave, behave];
    const pressedIds: string[] = [];
    for (let press = 0; press < 3; press += 1) {
      pressedIds.push(await pressed());
      await fixture.relay.drain();
      fixture.clock.advance(1);
    }
    const page = await listWaiting(FACILITY, { db: fixture.database.db, recipientOf: () => undefined }, { by: 'duty-1', limit: 2 });
    expect(page.map(({ reportId }) => reportId)).toEqual(pressedIds.slice(1).toReversed());
  });

  test('are seen by nobody the case is hidden from, in the list or by their id', async () => {
    const reportId = await pressed();
    await fixture.database.db
      .updateTable('reports')
      .set({ hidden_from: ['duty-7'] })
      .where('report_id', '=', reportId)
      .execute();
    expect(await waiting('duty-7')).toEqual([]);
    expect((await fixture.operate('GET', `/v1/waiting/${reportId}`, undefined, 'duty-7')).statusCode).toBe(404);
    expect((await ask('POST', `/v1/reports/${reportId}/open`, 'report:open', { reason: '要打电话' }, 'duty-7')).statusCode).toBe(404);
    expect((await fixture.operate('GET', `/v1/waiting/${reportId}`)).json<Waiting>().reportId).toBe(reportId);
  });
});

describe('a case is opened at the duty desk', () => {
  test('INV-10 with a reason, which the log commits to; it shows whom and where, and neither what was found nor who reported', async () => {
    const reportId = await pressed();
    const opening = (body: object, scope = 'report:open') => ask('POST', `/v1/reports/${reportId}/open`, scope, body);
    expect((await opening({ reason: ' ' })).json()).toMatchObject({ code: 'ZD_ERR_REASON_MISSING' });
    expect((await opening({ reason: '通话中' }, 'delivery:operate')).statusCode).toBe(403);
    const before = await countEntries('report.opened');
    const answer = await opening({ reason: `民警要核对${canaries.childName}` });
    expect(answer.statusCode).toBe(200);
    const opened = answer.json<{ case: { patient: object; whereabouts: object }; script: { zh: { full: string } } }>();
    expect(opened.case).toMatchObject({ patient: { name: '张某某', sex: 'female' }, whereabouts: { place: '急诊2诊室' } });
    expect(answer.body).not.toMatch(/血HCG升高|account-77|操作员甲/);
    expect(opened.script.zh.full).not.toContain('张某某');
    expect(await countEntries('report.opened')).toBe(before + 1);
    expect(findCanaries(fixture.log.join('\n'))).toEqual([]);
  });

  test('a report of another facility is not there', async () => {
    expect((await ask('POST', '/v1/reports/rpt_00000000000000000000000000/open', 'report:open', { reason: '要打电话' })).statusCode).toBe(
      404,
    );
  });
});

test('lines say what is disabled, what is held and why, and since when; nothing of a child', async () => {
  fixture.police.behave = answers(500);
  await pressed(aReport());
  await fixture.turn('agency:civil-affairs-440299', 'disable', { reason: '机房停电' });
  await fixture.relay.drain();
  const answer = await fixture.operate('GET', '/v1/endpoints');
  const { lines } = answer.json<{ lines: Record<string, unknown>[] }>();
  expect(lines.map(({ party }) => party)).toEqual(withStation.profile.recipients.map(({ party }) => party));
  expect(lines[0]).toMatchObject({ trusted: true, open: 1, held: [], phone: '0000-1100110', disabledSince: null });
  expect(lines[1]).toMatchObject({ disabledReason: '机房停电', held: [{ reason: 'endpoint-disabled', count: 1 }] });
  expect(lines[2]).toMatchObject({ trusted: false, system: 'no-system', held: [{ reason: 'no-system', count: 1 }] });
  expect(answer.body).not.toContain('张某某');
});

test('the roster says who is on duty, the shifts of 72 hours, and their gaps', async () => {
  const csv = '日期,开始,结束,岗位,电话\n2026-11-22,20:00,08:00,行政总值班,0000-5550100\n2026-11-23,08:00,20:00,行政总值班,0000-5550101\n';
  await fixture.operate('PUT', '/v1/roster', Buffer.from(csv));
  const roster = (await fixture.operate('GET', '/v1/roster')).json<{ now: object; ahead: object[]; gaps: { from: string }[] }>();
  expect(roster.now).toEqual({ title: '行政总值班', phone: '0000-5550100' });
  expect(roster.ahead).toHaveLength(2);
  expect(roster.gaps[0]?.from).toBe('2026-11-23T12:00:00.000Z');
});

describe('a report is printed for a recipient', () => {
  test('INV-10 with a reason, which the log commits to; it holds the view of that recipient, and of restricted groups the names', async () => {
    const reportId = await pressed(aReport({ mode: 'test' }));
    const [report] = await waiting();
    const deliveryOf = (kind: string) => report?.lines.find(({ recipient }) => recipient.kind === kind)?.deliveryId;
    const print = (body: object, scope = 'report:open', sub = 'duty-1') => ask('POST', `/v1/reports/${reportId}/form`, scope, body, sub);
    const asked = { reason: '交给城关派出所', deliveryId: deliveryOf('police') };
    expect((await print({ ...asked, reason: ' ' })).json()).toMatchObject({ code: 'ZD_ERR_REASON_MISSING' });
    expect((await print({ ...asked, deliveryId: 'none' })).json()).toMatchObject({ code: 'ZD_ERR_INPUT_UNREADABLE', at: 'deliveryId' });
    expect((await print({ ...asked, deliveryId: createId('dlv') })).statusCode).toBe(404);
    expect((await print(asked, 'delivery:operate')).statusCode).toBe(403);
    expect(await countEntries('report.printed')).toBe(0);

    const police = await print(asked);
    expect([police.statusCode, police.headers['content-type'], police.headers['cache-control']]).toEqual([
      200,
      'text/html; charset=utf-8',
      'no-store',
    ]);
    expect(police.payload).toContain(report?.number);
    expect(police.payload).toContain('张某某');
    expect(police.payload).toContain('class="stripe"');
    const civil = await print({ ...asked, deliveryId: deliveryOf('civil-affairs'), locale: 'en' });
    expect(civil.payload).toContain('<html lang="en">');
    expect(civil.payload).not.toContain('张某某');
    expect(await countEntries('report.printed')).toBe(2);
    expect(await countEntries('report.printed', { deliveryId: asked.deliveryId })).toBe(1);
    expect(fixture.log.join('')).not.toContain('交给城关派出所');
    await fixture.database.db
      .updateTable('reports')
      .set({ hidden_from: ['duty-7'] })
      .where('report_id', '=', reportId)
      .execute();
    // One answer for a delivery that is there and for one that is not.
    const answers = [
      await print(asked, 'report:open', 'duty-7'),
      await print({ ...asked, deliveryId: createId('dlv') }, 'report:open', 'duty-7'),
    ];
    expect(answers.map((answer) => [answer.statusCode, answer.json<{ at: string }>().at])).toEqual([
      [404, 'id'],
      [404, 'id'],
    ]);
  });

  test('INV-10 the sheet says what the payload says: an expired credential, what could not be read, and the groups that are sealed', async () => {
    const body = aReport({ mode: 'test', patient: '张某某', attachments: [{ title: '检验单' }] });
    const answer = await fixture.press(body, { assertion: null });
    await fixture.relay.drain();
    const { reportId } = answer.json<{ reportId: string }>();
    const [report] = await waiting();
    const deliveryId = report?.lines.find(({ recipient }) => recipient.party === 'agency:police-440299')?.deliveryId;
    const sheet = await ask('POST', `/v1/reports/${reportId}/form`, 'report:open', { reason: '交给城关派出所', deliveryId });
    const apart = /<p>另封内容（[^<]*<\/p>/.exec(sheet.payload)?.[0];
    expect(sheet.payload).toContain('登录凭证已过期，身份待核');
    expect(apart).toMatch(/报告人/);
    expect(apart).toMatch(/未能识别的内容/);
    expect(sheet.payload).toContain('ATTACHMENT_PENDING');
    // The names of the groups alone.
    expect(sheet.payload).not.toMatch(/操作员甲|S-77|account-77/);
  });

  test('INV-10 and for none from whom it is held for a conflict of interest: who asks is answered as if there were no such delivery', async () => {
    const reportId = await pressed();
    const line = (await waiting())[0]?.lines.find(({ recipient }) => recipient.party === STATION.party);
    const print = () => ask('POST', `/v1/reports/${reportId}/form`, 'report:open', { reason: '交给派出所', deliveryId: line?.deliveryId });
    expect((await print()).statusCode).toBe(200);
    await fixture.database.db
      .updateTable('deliveries')
      .set({ hold_reason: 'conflict', state: 'attested' })
      .where('delivery_id', '=', line?.deliveryId ?? '')
      .execute();
    expect((await print()).statusCode).toBe(404);
    expect(await countEntries('report.printed')).toBe(1);
    const status = await fixture.relay.ledger.status(FACILITY, reportId);
    expect(status?.lines.find(({ deliveryId }) => deliveryId === line?.deliveryId)?.holdReason).toBe('conflict');
  });
});

async function countEntries(action: string, subject: Readonly<Record<string, string | undefined>> = {}): Promise<number> {
  const { rows } = await fixture.database.pool.query<{ count: number }>(
    `select count(*)::int as count from audit_entries
      where convert_from(bytes, 'UTF8')::jsonb->>'action' = $1 and convert_from(bytes, 'UTF8')::jsonb->'subject' @> $2::jsonb`,
    [action, JSON.stringify(subject)],
  );
  return rows[0]?.count ?? 0;
}
