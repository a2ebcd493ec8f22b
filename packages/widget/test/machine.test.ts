import { beforeEach, describe, expect, test } from 'vitest';
import { createCallLog } from '../src/index.js';
import { formOf, phoneAnswers, reportFrom } from '../src/machine/form.js';
import { PROMPTS, TAKEN, actsOn, startBench } from './support/acts.js';
import { type Bench, makeBench } from './support/gateway.js';
import { aPrompt } from './support/prompts.js';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
const { told, presses, shown, openPrompt, pressReport } = actsOn(() => bench);

describe('a prompt', () => {
  test('is told to be seen once, opened when it is opened, and names its token in a header alone', async () => {
    await openPrompt();
    await bench.tell(PROMPTS, aPrompt({ version: 2, state: 'opened' }));
    expect(told('/v1/prompts/prm_1/seen')).toHaveLength(1);
    expect(told('/v1/prompts/prm_1/open')).toHaveLength(1);
    expect(bench.asked.every(({ headers }) => headers['authorization'] === 'Bearer token-1')).toBe(true);
  });

  test('of an older version never replaces a newer one', async () => {
    await bench.tell(PROMPTS, aPrompt({ version: 3, state: 'closed' }));
    await bench.tell(PROMPTS, aPrompt({ version: 2, state: 'shown' }));
    expect(bench.machine.state.prompts[0]).toMatchObject({ version: 3, state: 'closed' });
  });

  test('red stands before orange, asking before put off, and opening shows the open chart’s', async () => {
    await bench.tell(
      PROMPTS,
      aPrompt({ id: 'prm_1', level: 'orange', encounter: { id: 'V1', revision: 1, visitNumber: '', location: '' } }),
    );
    await bench.tell(PROMPTS, aPrompt({ id: 'prm_2', state: 'deferred' }));
    await bench.tell(PROMPTS, aPrompt({ id: 'prm_3' }));
    expect(bench.machine.state.prompts.map(({ id }) => id)).toEqual(['prm_3', 'prm_1', 'prm_2']);
    bench.machine.open();
    expect(bench.machine.state.shown).toBe('prm_3');
    bench.machine.setChart({ patientId: 'P0013', visitId: 'V1' });
    bench.machine.open();
    expect(bench.machine.state.shown).toBe('prm_1');
  });

  test.each([
    [{ status: 409, body: { at: 'deferrals' } }, 'deferredTwice', true],
    [{ status: 409, body: { at: 'version' } }, 'changed', true],
    [{ status: 401 }, 'signedOut', true],
    [undefined, 'failed', true],
    [{ status: 200 }, '', false],
  ])('put off and answered %j: says %j', async (reply, notice, open) => {
    await openPrompt();
    bench.answer = () => reply;
    await bench.machine.defer();
    expect([shown()?.session.notice, bench.machine.state.open]).toEqual([notice, open]);
  });

  test('先打110 shows the telephone before anybody has answered, and stays whatever the answer is', async () => {
    await openPrompt();
    bench.answer = () => ({ status: 409, body: { at: 'version' } });
    bench.machine.dial();
    expect([shown()?.session.view, bench.machine.state.open]).toEqual(['dial', true]);
    await bench.settle();
    expect(JSON.parse(told('/v1/prompts/prm_1/defer')[0]?.body ?? '')).toEqual({ code: 'danger-110' });
    expect(shown()?.session).toMatchObject({ view: 'dial', notice: '' });
  });

  test('a double click is one answer: it is not put off twice, and 已记录 is what stays', async () => {
    await openPrompt();
    await Promise.all([bench.machine.defer(), bench.machine.defer()]);
    expect(told('/v1/prompts/prm_1/defer')).toHaveLength(1);
    bench.machine.open();
    await Promise.all([bench.machine.decide('wrong-patient', ''), bench.machine.decide('wrong-patient', '')]);
    expect(told('/v1/prompts/prm_1/decide')).toHaveLength(1);
    expect(shown()?.session.notice).toBe('recorded');
  });

  test('is what the bar opens when it has come after a report was taken, or after the page for a report of one’s own', async () => {
    await openPrompt();
    bench.answer = ({ path }) => (path === '/v1/reports' ? TAKEN : { status: 200 });
    await pressReport();
    bench.machine.collapse();
    bench.machine.open();
    expect([bench.machine.state.shown, shown()?.session.view]).toEqual(['prm_1', 'status']);
    await bench.tell(PROMPTS, aPrompt({ id: 'prm_2', pressId: 'prs_2' }));
    bench.machine.open();
    expect(bench.machine.state.shown).toBe('prm_2');
    bench.machine.beginManual(false);
    bench.machine.collapse();
    await bench.tell(PROMPTS, aPrompt({ id: 'prm_3', pressId: 'prs_3' }));
    bench.machine.open();
    expect(bench.machine.state.shown).toBe('prm_3');
  });

  test.each([
    ['not answered', new Promise<string>(() => undefined)],
    ['answered with its sign-in page', '<!doctype html>\n<form>'],
  ])('comes on though the HIS has once %s for a token', async (_what, token) => {
    bench = makeBench();
    bench.tokens.next = token;
    bench.machine.start();
    await bench.settle();
    bench.tokens.next = 'token-2';
    await bench.advance(50_000);
    expect(bench.machine.state.connection).toBe('live');
    await bench.tell(PROMPTS, aPrompt());
    expect(bench.machine.state.prompts).toHaveLength(1);
  });

  test('a token of another person is not used: what was on its way is not said in that name, and the page hears of it', async () => {
    const tokenOf = (sub: string): string => `e30.${Buffer.from(JSON.stringify({ sub })).toString('base64url')}.sig`;
    bench = makeBench();
    bench.tokens.next = tokenOf('D1001');
    bench.machine.start();
    await bench.settle();
    await openPrompt();
    bench.machine.go('confirm');
    bench.machine.fill({ observed: 'written by D1001' });
    bench.answer = () => ({ status: 401 });
    bench.tokens.next = tokenOf('D1002');
    await bench.machine.saveDraft();
    expect(shown()?.session.notice).toBe('draftFailed');
    expect(bench.others).toBe(1);
    expect(new Set(bench.asked.map(({ headers }) => headers['authorization']))).toEqual(new Set([`Bearer ${tokenOf('D1001')}`]));
  });

  test('a decision carries the version that was on the screen', async () => {
    await openPrompt();
    await bench.machine.decide('known-to-police', 'brought 警号1');
    expect(JSON.parse(told('/v1/prompts/prm_1/decide')[0]?.body ?? '')).toEqual({
      version: 1,
      code: 'known-to-police',
      text: 'brought 警号1',
    });
    expect(shown()?.session).toMatchObject({ view: 'reasons', notice: 'recorded' });
  });
});

describe('another chart', () => {
  test('collapses the panel, keeps what was written, and makes the press name its child', async () => {
    bench.machine.setChart({ patientId: 'P0013', visitId: 'V0013' });
    await openPrompt();
    bench.machine.go('confirm');
    bench.machine.fill({ observed: 'written' });
    expect(shown()?.elsewhere).toBe(false);
    bench.machine.setChart({ patientId: 'P9', visitId: 'V9' });
    expect(bench.machine.state.open).toBe(false);
    bench.machine.open();
    expect(shown()).toMatchObject({ id: 'prm_1', elsewhere: true, session: { view: 'confirm', form: { observed: 'written' } } });
  });

  test.each([
    ['another visit of the child', { patientId: 'P0013', visitId: 'V9' }, true],
    ['the same', { patientId: 'P0013', visitId: 'V0013' }, false],
    ['a HIS that names the patient alone', { patientId: 'P0013', visitId: '' }, false],
    ['a page without charts', { patientId: '', visitId: '' }, false],
  ])('%s', async (_what, chart, elsewhere) => {
    await openPrompt();
    bench.machine.setChart(chart);
    bench.machine.open();
    expect(shown()?.elsewhere).toBe(elsewhere);
  });
});

describe('a press', () => {
  test('goes out once with the ticket and its key, however often it is confirmed', async () => {
    await openPrompt();
    bench.answer = () => TAKEN;
    await pressReport();
    bench.machine.confirm();
    await bench.settle();
    expect(presses()).toHaveLength(1);
    expect(presses()[0]?.headers).toMatchObject({ 'press-ticket': 'ticket-1', 'idempotency-key': 'prs_1' });
    expect(presses()[0]?.headers).not.toHaveProperty('authorization');
    expect(shown()?.session.press).toMatchObject({ stage: 'submitted', number: '440232-261122-030007-5' });
  });

  test('with nothing touched is the prefilled report, by the gateway’s clock', async () => {
    await openPrompt();
    bench.answer = () => TAKEN;
    await pressReport();
    expect(JSON.parse(presses()[0]?.body ?? '')).toEqual({
      ...aPrompt().prefill,
      createdAt: '2026-11-22T13:04:58.000Z',
      clockOffsetMs: 2_000,
      safety: { immediateDanger: 'unknown', safeToGoHome: 'unknown' },
    });
  });

  test('INV-2 goes on after whoever pressed has left the page to another person', async () => {
    await openPrompt();
    bench.answer = () => undefined;
    await pressReport();
    bench.machine.stop();
    await bench.advance(12_000);
    const tried = presses().length;
    bench.answer = () => TAKEN;
    await bench.advance(6_000);
    expect(presses().length).toBe(tried + 1);
    expect(new Set(presses().map(({ headers, body }) => `${headers['press-ticket']} ${body}`)).size).toBe(1);
    expect(shown()?.session.press?.stage).toBe('submitted');
  });

  test('INV-1 a cut line is 尚未送达 and the same bytes again until somebody answers; never submitted before', async () => {
    await openPrompt();
    bench.answer = ({ path }) => (path === '/v1/reports' ? undefined : { status: 200 });
    await pressReport();
    expect(shown()?.session.press?.stage).toBe('undelivered');
    await bench.advance(12_000);
    expect(presses().length).toBeGreaterThanOrEqual(3);
    bench.answer = ({ path }) => (path === '/v1/reports' ? TAKEN : { status: 200 });
    await bench.advance(5_000);
    expect(shown()?.session.press?.stage).toBe('submitted');
    expect(new Set(presses().map(({ body }) => body)).size).toBe(1);
    const count = presses().length;
    await bench.advance(60_000);
    expect(presses()).toHaveLength(count);
  });

  test.each([
    ['a 202 of some box between', { status: 202, body: {} }, 'undelivered'],
    ['a 200 that names no report', { status: 200, body: { number: 'soon' } }, 'undelivered'],
    ['a 503', { status: 503 }, 'undelivered'],
    ['a 429', { status: 429 }, 'undelivered'],
    ['a 201', { status: 201, body: { state: 'held' } }, 'held'],
    ['a 409 that names the first report', { ...TAKEN, status: 409 }, 'submitted'],
    ['a 409 while the first is held', { status: 409, body: { reportId: null, number: null } }, 'held'],
    ['a 401 of the ticket', { status: 401, body: { code: 'ZD_ERR_TOKEN_INVALID' } }, 'refused'],
  ])('INV-1 %s proves no more than it says', async (_what, reply, stage) => {
    await openPrompt();
    bench.answer = ({ path }) => (path === '/v1/reports' ? reply : { status: 200 });
    await pressReport();
    expect(shown()?.session.press?.stage).toBe(stage);
  });

  test('held by the gateway becomes submitted by the stream’s word', async () => {
    await openPrompt();
    bench.answer = ({ path }) => (path === '/v1/reports' ? { status: 201, body: { state: 'held' } } : { status: 200 });
    await pressReport();
    await bench.tell('/v1/reports/prs_1/events', { headline: 'submitted', number: '440232-261122-030007-5', lines: [] });
    expect(shown()?.session.press).toMatchObject({ stage: 'submitted', number: '440232-261122-030007-5' });
  });

  test('INV-2 holds none of the browser’s six connections once another is on the screen, and is still learnt to be submitted', async () => {
    bench.answer = ({ path }) => (path === '/v1/reports' ? { status: 201, body: { state: 'held' } } : { status: 200, body: { lines: [] } });
    for (const id of ['1', '2', '3']) {
      await bench.tell(PROMPTS, aPrompt({ id: `prm_${id}`, pressId: `prs_${id}` }));
      bench.machine.show(`prm_${id}`);
      await pressReport();
    }
    const streams = () => bench.asked.filter(({ path, signal }) => /reports.*events$/.test(path) && signal?.aborted === false);
    expect(streams().map(({ path }) => path)).toEqual(['/v1/reports/prs_3/events']);
    bench.answer = ({ path }) => ({ status: 200, body: path === '/v1/reports/prs_1' ? { ...TAKEN.body, lines: [] } : { lines: [] } });
    await bench.advance(20_000);
    expect(bench.machine.state.sessions['prm_1']?.press?.stage).toBe('submitted');
    bench.machine.show('prm_1');
    await bench.settle();
    expect(streams().map(({ path }) => path)).toEqual(['/v1/reports/prs_1/events']);
    bench.machine.stop();
    expect(streams()).toEqual([]);
  });

  test('needs no token: with one that has ended it is made all the same, and followed by its ticket', async () => {
    await openPrompt();
    bench.tokens.next = undefined;
    bench.answer = ({ path, headers }) => (headers['authorization'] === undefined && path === '/v1/reports' ? TAKEN : { status: 401 });
    await pressReport();
    expect(shown()?.session.press?.stage).toBe('submitted');
    expect(told('/v1/reports/prs_1/events')[0]?.headers).toMatchObject({ 'press-ticket': 'ticket-1' });
  });

  test('of this person that was made elsewhere is found again; another person’s leaves S1', async () => {
    bench.answer = ({ path }) =>
      path === '/v1/reports/prs_1' ? { status: 200, body: { number: '440232-261122-030007-5' } } : { status: 200 };
    await openPrompt({ state: 'reported' });
    expect(shown()?.session).toMatchObject({ view: 'status', press: { stage: 'submitted' } });
    bench.answer = ({ path }) => ({ status: path === '/v1/reports/prs_2' ? 404 : 200 });
    await bench.tell(PROMPTS, aPrompt({ id: 'prm_2', pressId: 'prs_2', state: 'reported' }));
    bench.machine.show('prm_2');
    await bench.settle();
    expect(shown()?.session).toMatchObject({ view: 'reasons' });
  });
});

describe('telephone calls', () => {
  test('INV-5 a logged call changes no headline; it waits for the relay and is sent until it is taken, once', async () => {
    await openPrompt();
    bench.answer = ({ path }) => (path === '/v1/reports' ? { status: 201, body: { state: 'held' } } : { status: 503 });
    await pressReport();
    const calls = createCallLog(bench.machine);
    bench.machine.jot('incidentNumber', 'J1');
    calls.log('answered', '110');
    await bench.settle();
    expect(told('/v1/reports/prs_1/calls')).toHaveLength(0);
    expect(shown()?.session.press?.stage).toBe('held');
    await bench.tell('/v1/reports/prs_1/events', { headline: 'submitted', number: '440232-261122-030007-5', lines: [] });
    await bench.advance(6_000);
    bench.answer = () => ({ status: 200, body: { recorded: true } });
    await bench.advance(6_000);
    const sent = told('/v1/reports/prs_1/calls');
    expect(sent.length).toBeGreaterThanOrEqual(2);
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
    expect(JSON.parse(sent[0]?.body ?? '')).toMatchObject({ number: '110', outcome: 'answered', incidentNumber: 'J1', answeredBy: '' });
    expect(shown()?.session.phone).toMatchObject({ unsent: [], next: 0 });
    await bench.advance(60_000);
    expect(told('/v1/reports/prs_1/calls')).toHaveLength(sent.length);
  });

  test('没打通，换号码 goes to the next number', async () => {
    await openPrompt();
    createCallLog(bench.machine).log('no-answer', '110');
    expect(shown()?.session.phone).toMatchObject({ next: 1, calls: [{ outcome: 'no-answer', number: '110' }] });
  });
});

describe('陪同人可能涉事', () => {
  test('answered 否 makes up no companion for a child of whom it is recorded that she came alone', async () => {
    const prompt = aPrompt();
    const alone = {
      ...prompt,
      prefill: { ...prompt.prefill, companions: [] },
      phone: { ...prompt.phone, answers: { ...prompt.phone.answers, companion: 'alone' as const } },
    };
    const form = { ...formOf(alone), companion: 'no' as const };
    expect(reportFrom(alone, form, { createdAt: '', clockOffsetMs: 0 }).companions).toEqual([]);
    expect(phoneAnswers(alone, form, '').companion).toBe('alone');
    expect(reportFrom(prompt, { ...formOf(prompt), companion: 'no' }, { createdAt: '', clockOffsetMs: 0 }).companions).toEqual([
      { relationship: '自称哥哥', mayBeInvolved: 'no' },
    ]);
  });
});

describe('a draft', () => {
  test('is put aside at the gateway, comes back to S2, and what cannot be used of it is as prefilled', async () => {
    await openPrompt({ draft: { savedAt: '2026-11-22T20:00:00Z', form: { observed: 'put aside', danger: 'yes', speaker: 7, evil: 'x' } } });
    bench.machine.go('confirm');
    expect(shown()?.session).toMatchObject({
      draftAt: '2026-11-22T20:00:00Z',
      form: { observed: 'put aside', danger: 'yes', speaker: 'child' },
    });
    expect(shown()?.session.form).not.toHaveProperty('evil');
    bench.answer = () => ({ status: 200, body: { savedAt: '2026-11-22T13:05:00Z' } });
    await bench.machine.saveDraft();
    expect(told('/v1/drafts/prm_1')[0]?.method).toBe('PUT');
    expect(shown()?.session.draftAt).toBe('2026-11-22T13:05:00Z');
    bench.answer = () => undefined;
    await bench.machine.saveDraft();
    expect(shown()?.session.notice).toBe('draftFailed');
  });
});
