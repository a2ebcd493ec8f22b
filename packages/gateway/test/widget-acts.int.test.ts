import { canaries, findCanaries } from '@zhida/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Fixture, makeFixture, NOW, only } from './support/fixture.js';
import { hangsUp } from './support/scripted-relay.js';
import { bruisedInfant, pregnantGirl } from './support/visits.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.reset());

type Method = 'GET' | 'POST' | 'PUT';
const ask = (method: Method, url: string, headers: Record<string, string>, payload?: unknown) =>
  fixture.gateway.app.inject({
    method,
    url,
    headers: { 'content-type': 'application/json', ...headers },
    ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
  });
const bearer = async (account?: string) => ({ authorization: `Bearer ${await fixture.clinician(account)}` });
const aCall = { callId: 'cal_01kaz7r0000000000000000000', number: '110', at: NOW, outcome: 'answered', incidentNumber: 'J1' };

describe('putting a prompt off', () => {
  test('先打110 is recorded, does not count, and is never refused', async () => {
    await fixture.send(pregnantGirl());
    const { id } = only(await fixture.prompts());
    for (const code of ['treat-first', 'treat-first', 'danger-110']) {
      expect((await fixture.act(id, 'defer', { code })).json()).toMatchObject({ state: 'deferred' });
      await fixture.act(id, 'open');
    }
    expect((await fixture.act(id, 'defer', { code: 'treat-first' })).json()).toMatchObject({ status: 409, at: 'deferrals' });
    expect((await fixture.act(id, 'defer', { code: 'danger-110' })).statusCode).toBe(200);
    expect((await fixture.act(id, 'defer', { code: 'later' })).json()).toMatchObject({ status: 400, at: 'code' });
    expect(only(await fixture.prompts()).deferrals).toBe(2);
    const codes = await fixture.rows<{ code: string }>(`select code from prompt_events where kind = 'deferred' order by id`);
    expect(codes.map(({ code }) => code)).toEqual(['treat-first', 'treat-first', 'danger-110', 'danger-110']);
  });

  test('公安已知情 closes even a red fixed by law, and its text is sealed', async () => {
    await fixture.send(pregnantGirl());
    const { id, version } = only(await fixture.prompts());
    const answered = await fixture.act(id, 'decide', { version, code: 'known-to-police', text: `brought ${canaries.freeText}` });
    expect(answered.json()).toMatchObject({ state: 'decided' });
    const rows = await fixture.rows('select code, sealed_text from prompt_events');
    expect(rows).toContainEqual(expect.objectContaining({ code: 'known-to-police' }));
    expect(findCanaries(JSON.stringify([rows, fixture.log]))).toEqual([]);
  });
});

describe('a row that cannot be opened', () => {
  test('hides no other child’s prompt, be it a visit or a draft, and operators hear of it by code and number', async () => {
    await fixture.send(pregnantGirl());
    await fixture.send(bruisedInfant());
    const [red, orange] = await fixture.prompts();
    expect([red?.level, orange?.level]).toEqual(['red', 'orange']);
    await fixture.rows(
      `update encounters set sealed_snapshot = sealed_assessment where encounter_key = (select encounter_key from prompts where id = '${red?.id}')`,
    );
    expect((await fixture.prompts()).map(({ id }) => id)).toEqual([orange?.id]);
    await ask('PUT', `/v1/drafts/${orange?.id}`, await bearer(), { form: { observed: canaries.freeText } });
    expect(only(await fixture.prompts()).draft).not.toBeNull();
    await fixture.rows('update drafts set sealed_form = wrapped_key');
    fixture.log.length = 0;
    expect(only(await fixture.prompts())).toMatchObject({ id: orange?.id, draft: null });
    const told = fixture.log.map((line) => JSON.parse(line) as { what?: string }).filter(({ what }) => what !== undefined);
    expect(told.toSorted((left, right) => ((left.what ?? '') < (right.what ?? '') ? -1 : 1))).toMatchObject([
      { level: 50, what: 'drafts', unread: 1, code: 'ZD_ERR_SEALED_UNREADABLE' },
      { level: 50, what: 'visits', unread: 1, code: 'ZD_ERR_SEALED_UNREADABLE' },
    ]);
    expect(findCanaries(JSON.stringify(fixture.log))).toEqual([]);
  });
});

describe('a draft', () => {
  const form = { observed: canaries.freeText, danger: 'yes' };

  test('is sealed at rest, comes back to the account that wrote it alone, and goes with the press', async () => {
    await fixture.send(pregnantGirl());
    const prompt = only(await fixture.prompts());
    const saved = await ask('PUT', `/v1/drafts/${prompt.id}`, await bearer(), { form });
    expect(saved.json()).toEqual({ savedAt: '2026-11-22T12:30:00.000Z' });
    expect(only(await fixture.prompts()).draft).toEqual({ savedAt: '2026-11-22T12:30:00.000Z', form });
    expect(only(await fixture.prompts('D1002')).draft).toBeNull();
    const rows = await fixture.rows<{ sealed_form: Buffer }>('select * from drafts');
    expect(findCanaries(rows.map(({ sealed_form }) => sealed_form.toString('latin1')).join() + JSON.stringify(fixture.log))).toEqual([]);
    expect(await fixture.actions()).toContain('draft.saved');
    await fixture.press(prompt);
    // One that was on its way while the press was made is not kept after it.
    expect((await ask('PUT', `/v1/drafts/${prompt.id}`, await bearer(), { form })).statusCode).toBe(409);
    expect(await fixture.rows('select 1 from drafts')).toEqual([]);
  });

  test('is erased when it has become as old as a visit may', async () => {
    await fixture.send(pregnantGirl());
    const { id } = only(await fixture.prompts());
    await ask('PUT', `/v1/drafts/${id}`, await bearer(), { form });
    fixture.clock.advance(91 * 86_400_000);
    expect(await fixture.gateway.purgeOnce()).toMatchObject({ drafts: 1 });
    expect(await fixture.actions()).toContain('draft.purged');
  });

  test('needs a token, a prompt of this person, and a form', async () => {
    await fixture.send(pregnantGirl());
    const { id } = only(await fixture.prompts());
    expect((await ask('PUT', `/v1/drafts/${id}`, {}, { form })).statusCode).toBe(401);
    expect((await ask('PUT', '/v1/drafts/prm_none', await bearer(), { form })).statusCode).toBe(404);
    expect((await ask('PUT', `/v1/drafts/${id}`, await bearer(), {})).json()).toMatchObject({ status: 400, at: 'form' });
  });
});

describe('the ticket of a press', () => {
  test('reads that press alone, also without a token, and for as long as it lives', async () => {
    await fixture.send(pregnantGirl());
    const prompt = only(await fixture.prompts());
    const other = only(await fixture.prompts('D1002'));
    await fixture.press(prompt);
    fixture.relay.events.push({ number: '440299-261122-010001-0', lines: [] });
    const read = (pressId: string, ticket: string) => ask('GET', `/v1/reports/${pressId}`, { 'press-ticket': ticket });
    expect((await read(prompt.pressId, prompt.ticket)).json()).toMatchObject({ number: '440299-261122-010001-0' });
    expect((await read(prompt.pressId, other.ticket)).statusCode).toBe(404);
    expect((await read(other.pressId, other.ticket)).statusCode).toBe(404);
    expect((await read(prompt.pressId, `${prompt.ticket}x`)).statusCode).toBe(401);
    fixture.clock.advance(73 * 3_600_000);
    expect((await read(prompt.pressId, prompt.ticket)).statusCode).toBe(401);
  });

  test('logs a call beside its report, with the account; while the report is held the call is asked for again', async () => {
    await fixture.send(pregnantGirl());
    const prompt = only(await fixture.prompts());
    fixture.relay.behave = hangsUp;
    await fixture.press(prompt);
    const log = ({ pressId, ticket }: { readonly pressId: string; readonly ticket: string }) =>
      ask('POST', `/v1/reports/${pressId}/calls`, { 'press-ticket': ticket }, { ...aCall, account: 'forged' });
    expect((await log(prompt)).json()).toMatchObject({ status: 503, code: 'ZD_ERR_BUSY' });
    await fixture.reset();
    fixture.clock.advance(1_000);
    await fixture.send(pregnantGirl());
    const taken = only(await fixture.prompts());
    await fixture.press(taken);
    expect((await log(taken)).json()).toEqual({ recorded: true, repeat: false });
    expect(fixture.relay.calls).toEqual([
      { path: expect.stringMatching(/^\/v1\/reports\/rpt_\w+\/calls$/) as string, body: { ...aCall, account: 'D1001' } },
    ]);
  });
});

describe('a report a person begins', () => {
  test('of the open chart is prefilled from the visit, masked on the screen, and that the chart was read is logged', async () => {
    await fixture.send(pregnantGirl());
    const opened = (await ask('POST', '/v1/tickets', await bearer(), { encounterId: 'V0013' })).json<Record<string, unknown>>();
    expect(opened).toMatchObject({
      patient: { id: 'P0013', maskedName: '张*婷' },
      operator: { name: '李医生' },
      prefill: { source: 'manual', patient: { name: '张晓婷' }, reporter: { identityBasis: 'login' }, suspicion: {} },
    });
    const { prefill: _prefill, ...shown } = opened;
    expect(JSON.stringify(shown)).not.toContain('张晓婷');
    expect(await fixture.actions()).toContain('manual.opened');
  });

  test('without a HIS account a staff number is enough; nothing of any chart is told, and the report goes out as typed', async () => {
    await fixture.send(pregnantGirl());
    const opened = (await ask('POST', '/v1/tickets', {}, { staffId: 'B77', name: '周医生', encounterId: 'V0013' })).json<{
      pressId: string;
      ticket: string;
      prefill: object;
    }>();
    expect(opened).toMatchObject({ patient: { id: '', maskedName: '不详' }, operator: { name: '周医生' }, encounter: { id: '' } });
    expect(opened.prefill).toMatchObject({ reporter: { identityBasis: 'typed' }, patient: {}, whereabouts: { status: 'unknown' } });
    expect(JSON.stringify(opened)).not.toMatch(/张晓婷|P0013/);
    const body = JSON.stringify({ ...opened.prefill, createdAt: NOW, suspicion: { observed: '说不清，就是不放心' } });
    expect((await fixture.press({ ...opened, prefill: {} } as Parameters<Fixture['press']>[0], { body })).statusCode).toBe(202);
    expect(fixture.relay.arrivals[0]).toMatchObject({ account: 'typed:B77', key: opened.pressId });
  });

  test('each page is a press of its own, and a wrong token is not taken for none', async () => {
    const open = async (headers: Record<string, string>, body: object) =>
      (await ask('POST', '/v1/tickets', headers, body)).json<{ pressId: string }>();
    expect((await open({}, { staffId: 'B77' })).pressId).not.toBe((await open({}, { staffId: 'B77' })).pressId);
    expect((await ask('POST', '/v1/tickets', { authorization: 'Bearer x' }, { staffId: 'B77' })).statusCode).toBe(401);
    for (const staffId of ['', '   ', 'a\u0000b', 'x'.repeat(65)]) {
      expect((await ask('POST', '/v1/tickets', {}, { staffId })).json()).toMatchObject({ status: 400, at: 'staffId' });
    }
  });
});
