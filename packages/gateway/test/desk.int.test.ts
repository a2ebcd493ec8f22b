import { createSealer, signAssertion } from '@zhida/signing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Desk, deskOf, type Person, textOf } from './support/desk.js';
import { FACILITY, type Fixture, makeFixture, only } from './support/fixture.js';
import { type RelayBeside, startRelayBeside } from './support/relay-beside.js';
import { bruisedInfant, pregnantGirl } from './support/visits.js';

const MINUTE = 60_000;
const CHILD = /张晓婷|张\*婷|李某某/;

/** No agency is trusted: nothing is delivered, and everything waits. */
let fixture: Fixture;
let beside: RelayBeside;
let desk: Desk;

beforeAll(async () => {
  fixture = await makeFixture({ relayTrusted: false, settings: { relayAnswerMs: 5_000 } });
  beside = await startRelayBeside(fixture);
  desk = await deskOf(fixture);
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

const form: Desk['form'] = (...posted) => desk.form(...posted);
const signedIn: Desk['signedIn'] = (id) => desk.signedIn(id);

async function pressed(): Promise<{ reportId: string; number: string }> {
  await fixture.send(pregnantGirl());
  return (await fixture.press(only(await fixture.prompts()))).json<{ reportId: string; number: string }>();
}

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

  test('INV-10 a report is printed for one recipient after a reason alone, which the log has; the sheet runs and loads nothing', async () => {
    const { reportId, number } = await pressed();
    const desk = await signedIn();
    const page = `/duty/reports/${reportId}`;
    const { body } = await desk.get(page);
    const deliveryId = /<form class="stack-form" id="print".*?<option value="(dlv_\w+)">县公安局110/s.exec(body)?.[1] ?? '';
    const refused = await desk.post(`${page}/form`, { deliveryId, reason: ' ' });
    expect([refused.statusCode, textOf(refused.body)]).toEqual([400, expect.stringContaining('请写明事由')]);
    const sheet = await desk.post(`${page}/form`, { deliveryId, reason: '派出所没有系统' });
    expect(sheet.statusCode).toBe(200);
    expect(sheet.body).toContain(number);
    expect(sheet.body).toContain('张晓婷');
    expect(sheet.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': expect.stringMatching(/^default-src 'none'; style-src 'unsafe-inline';/) as string,
    });
    expect(sheet.body).not.toMatch(/<script|<link|<img|src=|url\(/);
    const { rows } = await beside.database.pool.query<{ entry: string }>(
      `select convert_from(bytes, 'UTF8') as entry from audit_entries where convert_from(bytes, 'UTF8')::jsonb->>'action' = 'report.printed'`,
    );
    expect(rows.filter(({ entry }) => entry.includes(reportId) && entry.includes('Z001'))).toHaveLength(1);
    expect(fixture.log.join('\n')).not.toMatch(/张晓婷|派出所没有系统/);
  });

  test('INV-10 a recipient the case is kept from for its own interest is offered no paper', async () => {
    const { reportId } = await pressed();
    const desk = await signedIn();
    const offered = async () => {
      const { body } = await desk.get(`/duty/reports/${reportId}`);
      return /<form class="stack-form" id="print".*?<\/select>/s.exec(body)?.[0] ?? '';
    };
    expect(await offered()).toContain('县公安局110');
    await beside.database.pool.query(
      `update deliveries set hold_reason = 'conflict' where report_id = $1 and recipient_party = 'agency:police-440299'`,
      [reportId],
    );
    expect(await offered()).not.toContain('县公安局110');
  });

  test('INV-5 a handover can be attested after the 30-minute rung and not before; then the report has left the list', async () => {
    const { reportId, number } = await pressed();
    const desk = await signedIn();
    const page = `/duty/reports/${reportId}`;
    expect((await desk.get(page)).body).not.toMatch(/id="attest".*<option value="dlv_\w+">县公安局110/s);
    await beside.relay.escalateOnce();
    fixture.clock.advance(31 * MINUTE);
    await beside.relay.escalateOnce();
    const { body } = await desk.get(page);
    const deliveryId = /id="attest".*<option value="(dlv_\w+)">县公安局110/s.exec(body)?.[1] ?? '';
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
    expect(textOf(review)).toMatch(/急诊科 检查结果已更正 0分钟/);
    expect(prompts + review).not.toMatch(CHILD);
  });
});

describe('待复核, the review of a reason not to report', () => {
  async function decided(): Promise<string> {
    await fixture.send(pregnantGirl());
    const { id } = only(await fixture.prompts());
    expect((await fixture.act(id, 'decide', { version: 1, code: 'result-corrected', text: '检验科说标本弄错' })).statusCode).toBe(200);
    return id;
  }
  const events = async (kind: string): Promise<unknown[]> =>
    fixture.rows(`select account, code, at from prompt_events where kind = '${kind}'`);
  const REVIEW = '复核值班记录';
  /** What a form of the opened case sends: its stamp says what was seen. */
  async function seen(desk: Person, id: string): Promise<{ readonly stamp: string }> {
    const { body } = await desk.post(`/duty/reviews/${id}/open`, { reason: REVIEW });
    return { stamp: /name="stamp" value="([^"]+)"/.exec(body)?.[1] ?? '' };
  }

  test('is due within 24 hours; a reason opens child, evidence, decision, who and when, which the log has', async () => {
    const id = await decided();
    const desk = await signedIn();
    expect(textOf((await desk.get('/duty/review')).body)).toMatch(/急诊科 检查结果已更正 0分钟 11月23日20:30前 复核/);
    const page = await desk.get(`/duty/reviews/${id}`);
    expect(page.body).not.toMatch(CHILD);
    expect((await desk.post(`/duty/reviews/${id}/open`, { reason: ' ' })).statusCode).toBe(400);
    const opened = await desk.post(`/duty/reviews/${id}/open`, { reason: REVIEW });
    expect(textOf(opened.body)).toMatch(
      /张晓婷 · 女 · 出生 2013-03-18 .*急诊科.*检查结果已更正 检验科说标本弄错 决定人（账号） D1001 决定时间 11月22日20:30 .*血HCG 12500 IU\/L/,
    );
    expect(opened.headers['cache-control']).toBe('no-store');
    expect((await fixture.actions()).slice(-1)).toEqual(['review.opened']);
    expect(fixture.log.join('\n')).not.toMatch(/张晓婷|复核值班记录|标本弄错/);
    fixture.clock.advance(24 * 60 * MINUTE);
    expect(textOf((await (await signedIn()).get('/duty/review')).body)).toContain('11月23日20:30已到，超过24小时');
  });

  test('is an event with person and time, said once; the row leaves the list and the clinician is asked nothing', async () => {
    const id = await decided();
    const desk = await signedIn();
    const address = `/duty/reviews/${id}`;
    const stamp = await seen(desk, id);
    expect((await desk.post(address, { verdict: 'agreed' })).statusCode).toBe(409);
    expect((await desk.post(address, { verdict: 'disagreed', text: ' ' })).statusCode).toBe(400);
    expect((await desk.post(address, { verdict: 'closed' })).statusCode).toBe(400);
    expect(await events('reviewed')).toEqual([]);
    fixture.clock.advance(MINUTE);
    const answer = await desk.post(address, { ...stamp, verdict: 'disagreed', text: '未见更正后的结果，已电话请科室复查' });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/duty/review']);
    expect(await events('reviewed')).toEqual([{ account: 'Z001', code: 'disagreed', at: new Date('2026-11-22T20:31:00+08:00') }]);
    expect((await fixture.actions()).slice(-1)).toEqual(['prompt.reviewed']);
    expect((await desk.get('/duty/review')).body).toContain('没有待复核的');
    expect((await desk.get(address)).headers.location).toBe('/duty/review');
    expect((await desk.post(address, { ...stamp, verdict: 'agreed' })).statusCode).toBe(409);
    expect(only(await fixture.prompts())).toMatchObject({ state: 'decided', version: 2 });
  });

  const decidedBy = async (account: string): Promise<string> => {
    const id = await decided();
    await fixture.rows(`update prompt_events set account = '${account}' where kind = 'decided' returning id`);
    return id;
  };

  test.each([
    ['D1001', 409],
    ['Z002', 303],
  ])('is nobody’s of their own decision, known by their account in the HIS: of %s, %i', async (account, status) => {
    const id = await decidedBy(account);
    const desk = await signedIn('Z002');
    expect((await desk.post(`/duty/reviews/${id}`, { ...(await seen(desk, id)), verdict: 'agreed' })).statusCode).toBe(status);
  });

  test('INV-10 of their own decision anybody may report; it is the officer’s and of no clinician with an account like their number', async () => {
    const id = await decidedBy('Z001');
    const desk = await signedIn();
    const stamp = await seen(desk, id);
    expect((await desk.post(`/duty/reviews/${id}`, { ...stamp, verdict: 'agreed' })).statusCode).toBe(409);
    const { location } = (await desk.post(`/duty/reviews/${id}`, { ...stamp, verdict: 'report' })).headers;
    const url = `/v1/reports/${/rpt_\w+/.exec(String(location))?.[0]}`;
    const ask = async (account: string) =>
      fixture.gateway.app.inject({ url, headers: { authorization: `Bearer ${await fixture.clinician(account)}` } });
    expect([(await ask('Z001')).statusCode, (await ask('officer:Z001')).statusCode]).toEqual([404, 401]);
  });

  test('reports in one press on the road every press takes, the reviewer as the operator; sent twice it is one report', async () => {
    const id = await decided();
    const desk = await signedIn();
    const report = { ...(await seen(desk, id)), verdict: 'report', text: '' };
    const [first, second] = [await desk.post(`/duty/reviews/${id}`, report), await desk.post(`/duty/reviews/${id}`, report)];
    const reportId = /rpt_\w+/.exec(String(first.headers.location))?.[0];
    expect([first.statusCode, second.headers.location]).toEqual([303, `/duty/reports/${reportId}`]);
    expect(await fixture.rows('select account, report_id, state from presses')).toEqual([
      { account: 'officer:Z001', report_id: reportId, state: 'submitted' },
    ]);
    expect(await fixture.rows('select state from prompts')).toEqual([{ state: 'reported' }]);
    expect(await events('reviewed')).toMatchObject([{ account: 'Z001', code: 'disagreed' }]);
    expect((await desk.get('/duty/review')).body).toContain('没有待复核的');
    const opened = await desk.post(`/duty/reports/${reportId}/open`, { reason: '核对' });
    expect(textOf(opened.body)).toMatch(/张晓婷.*2013-03-18/);
  });

  test('reports also while the relay is away: the press is held and listed', async () => {
    const id = await decided();
    await beside.relay.stop();
    try {
      const desk = await signedIn();
      const report = { ...(await seen(desk, id)), verdict: 'report' };
      expect((await desk.post(`/duty/reviews/${id}`, report)).headers.location).toBe('/duty');
      expect(textOf((await desk.get('/duty')).body)).toMatch(/0分钟 急诊科 .*尚在网关，未发出；先打电话/);
    } finally {
      await beside.startAgain();
    }
  });

  test('judges what was opened alone: after another decision, or another result, the case is to be opened again', async () => {
    const id = await decided();
    const desk = await signedIn();
    const before = await seen(desk, id);
    await fixture.send({ ...pregnantGirl(), revision: 2, location: '急诊3诊室' });
    for (const verdict of ['agreed', 'report'])
      expect((await desk.post(`/duty/reviews/${id}`, { ...before, verdict })).statusCode).toBe(409);
    expect([await events('reviewed'), await fixture.rows('select 1 from presses')]).toEqual([[], []]);
    expect((await desk.post(`/duty/reviews/${id}`, { ...(await seen(desk, id)), verdict: 'agreed' })).statusCode).toBe(303);
  });

  test('says where nothing is left of what the decision was made on, and who pressed from the desk', async () => {
    const id = await decided();
    await fixture.send({ ...pregnantGirl(), revision: 2, observations: [] });
    const desk = await signedIn();
    const opened = await desk.post(`/duty/reviews/${id}/open`, { reason: REVIEW });
    expect(textOf(opened.body)).toContain('现在的就诊记录里已经没有提示依据');
    const report = { ...(await seen(desk, id)), verdict: 'report' };
    expect((await desk.post(`/duty/reviews/${id}`, report)).statusCode).toBe(303);
    const entries = await fixture.rows<{ actor: string }>(
      `select entry->>'actor' as actor from (select convert_from(bytes, 'utf8')::json as entry from audit_entries) as kept
       where entry->>'action' = 'prompt.pressed' and entry->'subject'->>'promptId' = '${id}'`,
    );
    expect(entries).toEqual([{ actor: 'operator' }]);
  });

  test('shows what was answered of an orange prompt’s questions, and a report from it has it', async () => {
    await fixture.send(bruisedInfant());
    const { id, patient } = only(await fixture.prompts());
    const answers = { 'injury.delay': 'normal', 'injury.interaction': 'abnormal' };
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await fixture.clinician()}` };
    const payload = JSON.stringify({ patientId: patient.id, answers });
    await fixture.gateway.app.inject({ method: 'PUT', url: `/v1/prompts/${id}/answers`, headers, payload });
    expect((await fixture.act(id, 'decide', { version: 1, code: 'clear-accident', text: '' })).statusCode).toBe(200);
    const desk = await signedIn();
    const list = (await desk.get('/duty/review')).body;
    expect(textOf(list)).toMatch(/没有待复核的。 核查后没有报告的（最近7天，可抽查） .*急诊科 经过清楚的意外 11月22日20:30 复核/);
    const page = (await desk.post(`/duty/reviews/${id}/open`, { reason: REVIEW })).body;
    const stamp = /name="stamp" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const opened = textOf(page);
    expect(opened).toMatch(/就诊有没有不合理拖延？ 正常 · 没有.*互动有没有反常？ 异常 · 有 .*对得上吗？ 没问到/);
    expect((await desk.post(`/duty/reviews/${id}`, { stamp, verdict: 'report' })).statusCode).toBe(303);
    const {
      sealed_body: sealed,
      wrapped_key: wrapped,
      press_id: pressId,
    } = only(await fixture.rows<{ sealed_body: Buffer; wrapped_key: Buffer; press_id: string }>('select * from presses'));
    const sealer = createSealer(fixture.parties.gateway.masterKey);
    const body = new TextDecoder().decode(sealer.open(sealer.unwrap(wrapped), sealed, `press ${pressId} body`));
    expect(JSON.parse(body)).toMatchObject({ suspicion: { event: { careDelayed: 'no' } } });
    expect(body).toContain('家属与孩子的互动有没有反常？有');
  });
});
