import { addOfficer, signAssertion } from '@zhida/signing';
import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FACILITY, type Fixture, makeFixture, only } from './support/fixture.js';
import { type RelayBeside, startRelayBeside } from './support/relay-beside.js';
import { pregnantGirl } from './support/visits.js';

const MINUTE = 60_000;
const CHILD = /张晓婷|张\*婷|李某某/;

/** No agency is trusted: nothing is delivered, and everything waits. */
let fixture: Fixture;
let beside: RelayBeside;
const codes = new Map<string, string>();

beforeAll(async () => {
  fixture = await makeFixture({ relayTrusted: false, settings: { relayAnswerMs: 5_000 } });
  beside = await startRelayBeside(fixture);
  for (const [id, name] of [
    ['Z001', '王值班'],
    ['Z002', '赵值班'],
  ] as const) {
    codes.set(id, (await addOfficer(fixture.parties.gateway.directory, { id, name })).code);
  }
});
afterAll(async () => {
  await fixture.close();
  await beside.close();
});
beforeEach(async () => {
  await fixture.reset();
  await beside.database.pool.query('update deliveries set attested_at = now() where attested_at is null');
  await beside.database.pool.query('delete from roster_shifts');
});

/** A person at the desk: what a browser keeps, and the token of their forms. */
interface Person {
  get(path: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  post(path: string, fields?: Record<string, string>): Promise<LightMyRequestResponse>;
}

async function form(path: string, fields: Record<string, string>, cookie = ''): Promise<LightMyRequestResponse> {
  return fixture.gateway.app.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...(cookie === '' ? {} : { cookie }) },
    payload: new URLSearchParams(fields).toString(),
  });
}

async function signedIn(id = 'Z001'): Promise<Person> {
  const answer = await form('/duty/sign-in', { officer: id, code: codes.get(id) ?? '' });
  expect([answer.statusCode, answer.headers.location]).toEqual([303, '/duty']);
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  const get: Person['get'] = (path, headers = {}) =>
    fixture.gateway.app.inject({ method: 'GET', url: path, headers: { cookie, ...headers } });
  const formToken = /name="formToken" value="([^"]+)"/.exec((await get('/duty/handover')).body)?.[1] ?? '';
  return { get, post: (path, fields = {}) => form(path, { formToken, ...fields }, cookie) };
}

async function pressed(): Promise<{ reportId: string; number: string }> {
  await fixture.send(pregnantGirl());
  return (await fixture.press(only(await fixture.prompts()))).json<{ reportId: string; number: string }>();
}

const textOf = (body: string): string => body.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');

describe('S9, the duty desk', () => {
  test('shows nothing to whoever is not signed in, and its pages hold no script, no frame and no other site', async () => {
    const { app } = fixture.gateway;
    for (const path of ['/duty', '/duty/lines', '/duty/reports/rpt_00000000000000000000000000']) {
      const answer = await app.inject({ method: 'GET', url: path });
      expect([answer.statusCode, answer.headers.location]).toEqual([303, '/duty/sign-in']);
    }
    const wrong = await form('/duty/sign-in', { officer: 'Z001', code: 'canary-code' });
    expect(wrong.statusCode).toBe(401);
    expect(wrong.body).not.toContain('canary-code');
    const page = await (await signedIn()).get('/duty');
    expect(page.headers['content-security-policy']).toMatch(/script-src 'self';.*frame-ancestors 'none'/);
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.body).not.toMatch(/<script(?![^>]*src=)|style=|onclick/);
    expect((await app.inject({ method: 'GET', url: '/duty/desk.js' })).headers['content-type']).toBe('text/javascript; charset=utf-8');
  });

  test('lists a report by the minutes since its press, with department, number to call and next step, and without the child', async () => {
    const { number } = await pressed();
    fixture.clock.advance(12 * MINUTE);
    const { body } = await (await signedIn()).get('/duty');
    expect(textOf(body)).toMatch(/12分钟 急诊科 公安 ✕ 线路停 民政 ✕ 线路停 打电话报案 0000-1100110 打电话/);
    expect(body).toContain(number);
    expect(body).toContain('<title>(1) 总值班台</title>');
    expect(body).not.toMatch(CHILD);
    const english = (await (await signedIn()).get('/duty', { 'accept-language': 'en' })).body;
    expect(textOf(english)).toMatch(/12 min 急诊科 Police ✕ line down/);
    expect(english.replaceAll(/急诊科|中文|王值班/g, '')).not.toMatch(/\p{Script=Han}/u);
  });

  test('INV-5 a call is logged under the person’s account and changes the next step alone; sent twice it is one call', async () => {
    const { reportId } = await pressed();
    const desk = await signedIn();
    const page = `/duty/reports/${reportId}`;
    const callId = /name="callId" value="([^"]+)"/.exec((await desk.get(page)).body)?.[1] ?? '';
    const call = { callId, number: '0000-1100110', outcome: 'answered' };
    expect((await desk.post(`${page}/calls`, call)).headers.location).toBe(page);
    fixture.clock.advance(MINUTE);
    expect((await desk.post(`${page}/calls`, call)).statusCode).toBe(303);
    const { rows } = await beside.database.pool.query('select outcome, called from calls where report_id = $1', [reportId]);
    expect(rows).toEqual([{ outcome: 'answered', called: ['agency:police-440299'] }]);
    expect(textOf((await desk.get('/duty')).body)).toContain('已通话，等公安签收');
    expect((await desk.post(`${page}/calls`, { callId, outcome: 'closed' })).statusCode).toBe(400);
  });

  test('INV-10 the child is shown after a reason alone, which the log has; nothing of it is in an address or a line of the log', async () => {
    const { reportId } = await pressed();
    const desk = await signedIn();
    const page = `/duty/reports/${reportId}`;
    expect((await desk.get(page)).body).not.toMatch(CHILD);
    const refused = await desk.post(`${page}/open`, { reason: ' ' });
    expect([refused.statusCode, textOf(refused.body)]).toEqual([400, expect.stringContaining('请写明事由')]);
    const opened = await desk.post(`${page}/open`, { reason: '民警在电话里核对姓名' });
    expect(textOf(opened.body)).toMatch(/张晓婷.*2013-03-18/);
    expect(opened.headers['cache-control']).toBe('no-store');
    const { rows } = await beside.database.pool.query<{ entry: string }>(
      `select convert_from(bytes, 'UTF8') as entry from audit_entries where convert_from(bytes, 'UTF8')::jsonb->>'action' = 'report.opened'`,
    );
    expect(rows.filter(({ entry }) => entry.includes(reportId) && entry.includes('Z001'))).toHaveLength(1);
    expect(fixture.log.join('\n')).not.toMatch(/张晓婷|民警在电话里/);
  });

  test('INV-5 a handover can be attested after the 30-minute rung and not before; then the report has left the list', async () => {
    const { reportId, number } = await pressed();
    const desk = await signedIn();
    const page = `/duty/reports/${reportId}`;
    expect((await desk.get(page)).body).not.toMatch(/<option value="dlv_\w+">县公安局110/);
    await beside.relay.escalateOnce();
    fixture.clock.advance(31 * MINUTE);
    await beside.relay.escalateOnce();
    const { body } = await desk.get(page);
    const deliveryId = /<option value="(dlv_\w+)">县公安局110/.exec(body)?.[1] ?? '';
    const handover = { deliveryId, handedTo: '值班民警', handedAt: '2026-11-22T20:50', how: 'telephone' };
    expect((await desk.post(`${page}/attest`, handover)).headers.location).toBe(page);
    expect(textOf((await desk.get(page)).body)).toContain('已由总值班移交（无系统回执）');
    expect((await desk.get('/duty')).body).not.toContain(number);
  });

  test('a form of another session, or of no session, does nothing', async () => {
    const { reportId } = await pressed();
    const desk = await signedIn();
    const call = { callId: 'cal_x', outcome: 'answered', formToken: 'of another page' };
    expect((await desk.post(`/duty/reports/${reportId}/calls`, call)).statusCode).toBe(401);
    expect((await form('/duty/handover', {})).statusCode).toBe(401);
    expect((await beside.database.pool.query('select from calls where report_id = $1', [reportId])).rowCount).toBe(0);
  });

  test('INV-2 while the relay is away a held press is in the list, the page says what it lacks, and the desk cannot be handed over', async () => {
    await beside.relay.stop();
    try {
      await fixture.send(pregnantGirl());
      expect((await fixture.press(only(await fixture.prompts()))).statusCode).toBe(201);
      const desk = await signedIn();
      const { body } = await desk.get('/duty');
      expect(textOf(body)).toContain('送达服务没有应答');
      expect(textOf(body)).toMatch(/0分钟 急诊科 .*尚在网关，未发出；先打电话 110 尚无编号/);
      expect((await desk.post('/duty/handover')).statusCode).toBe(502);
      expect(await fixture.rows('select from desk_handovers')).toEqual([]);
    } finally {
      await beside.startAgain();
    }
  });

  test('the next person confirms a handover, once, and not whoever left', async () => {
    const { number } = await pressed();
    const [leaving, coming] = [await signedIn('Z001'), await signedIn('Z002')];
    await leaving.post('/duty/handover');
    const address = /action="(\/duty\/handover\/hnd_\w+\/confirm)"/.exec((await coming.get('/duty/handover')).body)?.[1] ?? '';
    expect((await leaving.get('/duty/handover')).body).not.toContain(address);
    expect((await leaving.post(address)).statusCode).toBe(409);
    expect((await coming.post(address)).statusCode).toBe(303);
    expect(textOf((await leaving.get('/duty/handover')).body)).toMatch(/Z001 11月22日20:30 交班；Z002 11月22日20:30 接班/);
    const [row] = await fixture.rows<{ open_rows: string[] }>('select open_rows from desk_handovers');
    expect(row?.open_rows).toEqual([number]);
    expect((await fixture.actions()).filter((action) => action.startsWith('desk.'))).toEqual(['desk.handed-over', 'desk.taken-over']);
  });

  test('a gap of the roster is told in words 72 hours ahead on every tab; a hospital without a roster is not reminded', async () => {
    const desk = await signedIn();
    expect((await desk.get('/duty/lines')).body).not.toContain('值班表有空档');
    const token = await signAssertion({
      keys: fixture.parties.gateway,
      audience: 'relay:yunxi',
      scope: 'delivery:operate',
      facility: FACILITY.code,
      lifetimeSeconds: 300,
      now: fixture.clock.now(),
      extra: { sub: 'Z001' },
    });
    const shifts =
      '日期,开始,结束,岗位,电话\n2026-11-22,20:00,08:00,行政总值班,0000-5550188\n2026-11-23,08:00,20:00,行政总值班,0000-5550188\n';
    const headers = { authorization: `Bearer ${token}` };
    expect((await beside.relay.app.inject({ method: 'PUT', url: '/v1/roster', headers, payload: Buffer.from(shifts) })).statusCode).toBe(
      200,
    );
    expect(textOf((await desk.get('/duty/lines')).body)).toContain('值班表有空档：11月23日20:00起无人');
    expect(textOf((await desk.get('/duty/roster')).body)).toMatch(/现在值班：行政总值班 0000-5550188 .*11月23日20:00起无人/);
    const { reportId } = await pressed();
    expect((await desk.get(`/duty/reports/${reportId}`)).body).toMatch(/先联系总值班0000-5550188/);
    fixture.clock.advance(3 * 24 * 60 * MINUTE);
    // A roster that has run out is no roster that was never there.
    expect(textOf((await (await signedIn()).get('/duty')).body)).toContain('值班表有空档：11月25日20:30起无人');
  });

  test('未处置提示 and 待复核 name department and reason, and no child', async () => {
    await fixture.send(pregnantGirl());
    const desk = await signedIn();
    const prompts = (await desk.get('/duty/prompts')).body;
    expect(textOf(prompts)).toMatch(/急诊科 0分钟 应当报告 未打开/);
    const { id } = only(await fixture.prompts());
    expect((await fixture.act(id, 'decide', { version: 1, code: 'result-corrected', text: '复查阴性' })).statusCode).toBe(200);
    const review = (await desk.get('/duty/review')).body;
    expect(textOf(review)).toMatch(/急诊科 0分钟 检查结果已更正/);
    expect(prompts + review).not.toMatch(CHILD);
  });
});
