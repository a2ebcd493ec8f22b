import { canaries, findCanaries, waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PromptView } from '../src/index.js';
import { type Fixture, makeFixture, NOW, only } from './support/fixture.js';
import { answers, hangsUp, takes } from './support/scripted-relay.js';
import { bruisedInfant, pregnantGirl } from './support/visits.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(async () => fixture.close());
beforeEach(async () => fixture.reset());

type Pressed = Pick<PromptView, 'pressId' | 'ticket'>;

const follow = ({ pressId, ticket }: Pressed, body: object, key = 'k1') =>
  fixture.gateway.app.inject({
    method: 'POST',
    url: `/v1/reports/${pressId}/follow-ups`,
    headers: { 'content-type': 'application/json', 'press-ticket': ticket, 'idempotency-key': key },
    payload: JSON.stringify({ createdAt: NOW, ...body }),
  });
const read = (path: string, ticket: string) =>
  fixture.gateway.app.inject({ method: 'GET', url: path, headers: { 'press-ticket': ticket } });
const listed = async ({ pressId, ticket }: Pressed) =>
  (await read(`/v1/reports/${pressId}/follow-ups`, ticket)).json<{ followUps: Record<string, unknown>[] }>().followUps;

async function promptOf(visit: object): Promise<PromptView> {
  const { encounterId } = await fixture.send(visit);
  return only((await fixture.prompts()).filter(({ encounter }) => encounter.id === encounterId));
}

async function reported(visit: object = pregnantGirl()): Promise<PromptView & { readonly reportId: string }> {
  const prompt = await promptOf(visit);
  const answer = await fixture.press(prompt);
  expect(answer.statusCode).toBe(202);
  return { ...prompt, reportId: answer.json<{ reportId: string }>().reportId };
}

const arrived = (): Record<string, unknown>[] =>
  fixture.relay.arrivals.map(({ body }) => JSON.parse(body.toString('utf8')) as Record<string, unknown>);

describe('a follow-up', () => {
  test('is a report of its own in the case of the first, with its own number and the child as it was reported', async () => {
    const first = await reported();
    const answer = await follow(first, { kind: 'follow-up', whereabouts: { status: 'left', withWhom: '自称哥哥' } });
    expect(answer.statusCode).toBe(202);
    expect(answer.json<{ number: string }>().number).not.toBe(only((await fixture.prompts())[0]?.reports ?? []).number);
    expect(arrived()[1]).toMatchObject({
      kind: 'follow-up',
      mode: 'test',
      chain: { id: first.reportId, replaces: null },
      patient: (first.prefill as { patient: object }).patient,
      whereabouts: { status: 'left', withWhom: '自称哥哥' },
      priority: 'urgent',
    });
    expect(arrived()[1]).not.toHaveProperty('reportId');
    // A report of the case is none of the prompt's: S1 goes on naming the first alone.
    expect((await fixture.prompts())[0]?.reports).toHaveLength(1);
    expect(await fixture.actions()).toEqual(expect.arrayContaining(['press.committed', 'press.submitted']));
  });

  test('never goes into another child’s case, whatever its body or its address says', async () => {
    const [girl, infant] = [await reported(), await reported(bruisedInfant())];
    await follow(girl, {
      kind: 'follow-up',
      reportId: infant.reportId,
      chain: { id: infant.reportId },
      facility: { code: 'another' },
      suspicion: { observed: '补充' },
    });
    expect(arrived().at(-1)).toMatchObject({ chain: { id: girl.reportId }, patient: (girl.prefill as { patient: object }).patient });
    const crossed = await follow({ pressId: infant.pressId, ticket: girl.ticket }, { kind: 'follow-up' }, 'k2');
    expect(crossed.json()).toMatchObject({ status: 404, at: 'id' });
    const byReport = await follow({ pressId: infant.reportId, ticket: girl.ticket }, { kind: 'follow-up' }, 'k2');
    expect(byReport.statusCode).toBe(404);
    expect(arrived()).toHaveLength(3);
  });

  test('of somebody who has reported nothing is none', async () => {
    await reported();
    const other = only(await fixture.prompts('D1002'));
    expect((await follow(other, { kind: 'follow-up' })).statusCode).toBe(404);
    expect((await follow({ ...other, ticket: 'none' }, {})).statusCode).toBe(401);
  });

  test('pressed twice is one report; with other words under its key, the first stands', async () => {
    const first = await reported();
    const [one, two] = [await follow(first, { kind: 'follow-up' }), await follow(first, { kind: 'follow-up' })];
    expect([one.statusCode, two.statusCode]).toEqual([202, 200]);
    expect(two.json()).toEqual(one.json());
    const other = await follow(first, { kind: 'follow-up', suspicion: { observed: '别的话' } });
    expect(other.statusCode).toBe(409);
    expect(other.json()).toMatchObject({ number: one.json<{ number: string }>().number });
    expect((await follow(first, { kind: 'follow-up' }, 'k2')).statusCode).toBe(202);
    expect(arrived()).toHaveLength(3);
  });

  test.each([
    [{ kind: 'correction', patient: { name: '张小婷' } }, 'correction', null],
    [{ kind: 'error-notice', errorReason: 'wrong-patient' }, 'error-notice', 'wrong-patient'],
    [{ kind: 'error-notice' }, 'error-notice', 'entered-in-error'],
    [{ kind: 'initial' }, 'follow-up', null],
    [{}, 'follow-up', null],
  ])('%j is a %s', async (body, kind, errorReason) => {
    const first = await reported();
    expect((await follow(first, body)).statusCode).toBe(202);
    const [, sent] = arrived();
    expect(sent).toMatchObject({
      kind,
      errorReason,
      chain: { id: first.reportId, replaces: kind === 'follow-up' ? null : first.reportId },
    });
    // What is corrected of the child is laid over what was reported, which stays where nothing is said of it.
    const { birthDate, name } = (first.prefill as { patient: { birthDate: string; name: string } }).patient;
    expect(sent?.['patient']).toMatchObject({ birthDate, name: kind === 'correction' ? '张小婷' : name });
    expect(only(await listed(first))).toMatchObject({ key: 'k1', kind, number: expect.any(String) });
  });

  test('past the time of its ticket it is taken, and goes out under that ticket so that the relay sees it', async () => {
    const first = await reported();
    fixture.clock.advance(73 * 3_600_000);
    expect((await follow(first, { kind: 'follow-up' })).statusCode).toBe(202);
    expect(fixture.relay.arrivals.map(({ expired }) => expired)).toEqual([false, true]);
    expect(new Set(fixture.relay.arrivals.map(({ account }) => account))).toEqual(new Set(['D1001']));
  });
});

describe('a follow-up while the relay is away', () => {
  test('is held behind the first report of its case, and both go out in their order when it is back', async () => {
    const prompt = await promptOf(pregnantGirl());
    fixture.relay.behave = hangsUp;
    expect((await fixture.press(prompt)).statusCode).toBe(201);
    const held = await follow(prompt, { kind: 'error-notice', errorReason: 'wrong-patient' });
    expect([held.statusCode, held.json<{ state: string }>().state]).toEqual([201, 'held']);
    expect((await read('/v1/reports/k1', prompt.ticket)).json()).toMatchObject({ headline: 'held' });
    expect(only(await listed(prompt))).toMatchObject({ kind: 'error-notice', number: null });
    fixture.relay.arrivals.length = 0;
    fixture.relay.behave = takes();
    fixture.clock.advance(120_000);
    await waitUntil(async () => only(await listed(prompt))['number'] !== null, { what: 'the notice is taken' });
    expect(arrived().map(({ kind }) => kind)).toEqual(['initial', 'error-notice']);
    const [{ report_id: firstId } = { report_id: '' }] = await fixture.rows<{ report_id: string }>(
      'select report_id from presses where follows is null',
    );
    expect(arrived()[1]).toMatchObject({ chain: { id: firstId, replaces: firstId } });
  });

  test('the same words go out at every attempt', async () => {
    const first = await reported();
    fixture.relay.behave = answers(503, '{}');
    expect((await follow(first, { kind: 'follow-up', suspicion: { observed: '补充' } })).statusCode).toBe(201);
    // The chart is told anew in between, under another name.
    await fixture.send({ ...pregnantGirl(), revision: 2, patient: { ...pregnantGirl().patient, name: '李四' } });
    fixture.relay.behave = takes();
    fixture.clock.advance(120_000);
    await waitUntil(async () => only(await listed(first))['number'] !== null, { what: 'it is taken' });
    const bodies = fixture.relay.arrivals.slice(1).map(({ body }) => body.toString('utf8'));
    expect(bodies.length).toBeGreaterThan(1);
    expect(new Set(bodies).size).toBe(1);
  });

  test('one the relay refuses is told to whoever asks, and to every clinician as a number', async () => {
    const first = await reported();
    fixture.relay.behave = answers(403, '{}');
    await follow(first, { kind: 'follow-up' });
    expect((await read('/v1/reports/k1', first.ticket)).json()).toMatchObject({ headline: 'held', refused: 'status-403' });
    const refused = await fixture.gateway.app.inject({
      method: 'GET',
      url: '/v1/reports/refused',
      headers: { authorization: `Bearer ${await fixture.clinician('N2001')}` },
    });
    expect(refused.json<{ refused: unknown[] }>().refused).toHaveLength(1);
    // The prompt was reported, and is not asked for again because of what came after.
    expect(only(await fixture.prompts()).state).toBe('reported');
  });
});

test('a visit that turns out to be another patient’s is told: the case stays that of the child who was reported', async () => {
  const visit = pregnantGirl();
  const first = await reported(visit);
  const told = async () => (await read(`/v1/reports/${first.pressId}/follow-ups`, first.ticket)).json<object>();
  expect(await told()).toMatchObject({ reportedName: first.patient.maskedName, patientChanged: false });
  fixture.clock.advance(1_000);
  await fixture.send({ ...visit, revision: 2, patient: { ...visit.patient, id: 'P-other', name: '李小花' } });
  expect(only(await fixture.prompts()).patient).toMatchObject({ id: 'P-other', maskedName: '李*花' });
  expect(await told()).toMatchObject({ reportedName: first.patient.maskedName, patientChanged: true });
  await follow(first, { kind: 'follow-up', suspicion: { observed: '补充' } });
  expect(arrived().at(-1)).toMatchObject({ chain: { id: first.reportId }, patient: { name: (visit.patient as { name: string }).name } });
});

test('how a follow-up stands is read by its own account, and by the ticket of its own case alone', async () => {
  const [girl, infant] = [await reported(), await reported(bruisedInfant())];
  await follow(girl, { kind: 'follow-up' });
  fixture.relay.events.push({ headline: 'submitted', lines: [] });
  expect((await read('/v1/reports/k1', girl.ticket)).statusCode).toBe(200);
  expect((await read('/v1/reports/k1', infant.ticket)).statusCode).toBe(404);
  expect((await read(`/v1/reports/${girl.pressId}/follow-ups`, infant.ticket)).statusCode).toBe(404);
  const other = only((await fixture.prompts('D1002')).filter(({ id }) => id === girl.id));
  expect((await read('/v1/reports/k1', other.ticket)).statusCode).toBe(404);
});

test('what is written in a follow-up is sealed at rest and in no line of the log', async () => {
  const first = await reported();
  await follow(first, { kind: 'follow-up', suspicion: { observed: canaries.freeText } });
  const rows = await fixture.rows<{ sealed_body: Buffer }>('select * from presses');
  expect(findCanaries(rows.map((row) => JSON.stringify(row) + row.sealed_body.toString('latin1')).join())).toEqual([]);
  expect(findCanaries(JSON.stringify(fixture.log))).toEqual([]);
});

describe('补充进去: a colleague’s words in the report of the same visit', () => {
  /** The prompt as a second clinician has it, and the number of the report that is there already. */
  async function beside(visit: object = pregnantGirl()) {
    const first = await reported(visit);
    const second = only((await fixture.prompts('D1002')).filter(({ id }) => id === first.id));
    return { first, second, number: only(second.reports).number };
  }
  const add = (number: string, { ticket }: Pressed, body: object = {}, key = 'add-1') =>
    follow({ pressId: number, ticket }, { suspicion: { observed: '左前臂另有烫伤' }, ...body }, key);

  test('are a follow-up of that report under their own account: one case, and both have done their duty', async () => {
    const { first, second, number } = await beside();
    expect(only(second.reports)).toMatchObject({ addable: true, sameChild: true });
    const answer = await add(number, second);
    expect(answer.statusCode).toBe(202);
    const [, later] = arrived();
    expect(later).toMatchObject({ kind: 'follow-up', chain: { id: first.reportId }, suspicion: { observed: '左前臂另有烫伤' } });
    expect(later?.['patient']).toEqual((first.prefill as { patient: object }).patient);
    expect(fixture.relay.arrivals.map(({ account }) => account)).toEqual(['D1001', 'D1002']);
    const events = await fixture.rows<{ kind: string; account: string }>(
      "select kind, account from prompt_events where kind in ('pressed', 'added') order by id",
    );
    expect(events).toEqual([
      { kind: 'pressed', account: 'D1001' },
      { kind: 'added', account: 'D1002' },
    ]);
    // How it stands is read by whoever added it; the other's screen lists their own words alone.
    fixture.relay.events.push({ headline: 'submitted', lines: [] });
    expect((await read('/v1/reports/add-1', second.ticket)).statusCode).toBe(200);
    expect(await listed({ pressId: number, ticket: second.ticket })).toMatchObject([{ key: 'add-1', kind: 'follow-up' }]);
    expect((await read('/v1/reports/add-1', first.ticket)).statusCode).toBe(404);
    expect(await listed(first)).toEqual([]);
  });

  test('pressed twice are one report, and two colleagues with one key make two', async () => {
    const { second, number } = await beside();
    const third = only(await fixture.prompts('N2001'));
    expect([(await add(number, second)).statusCode, (await add(number, second)).statusCode]).toEqual([202, 200]);
    expect((await add(number, third)).statusCode).toBe(202);
    expect(arrived()).toHaveLength(3);
  });

  test('a separate report instead is linked to the first', async () => {
    const { second, number } = await beside();
    expect((await fixture.press(second)).statusCode).toBe(202);
    expect(arrived()[1]).toMatchObject({ kind: 'initial', relatedReports: [{ number, relation: 'same-child' }] });
    expect(arrived()[0]).not.toHaveProperty('relatedReports');
  });

  test.each(['correction', 'error-notice'])('a %s is not theirs to make', async (kind) => {
    const { second, number } = await beside();
    expect((await add(number, second, { kind })).json()).toMatchObject({ status: 403, at: 'kind' });
    expect(arrived()).toHaveLength(1);
  });

  test.each(['patient', 'conflictOfInterest', 'facility', 'department', 'contactPlan'])(
    'what whoever made the report says of %s is not theirs to say again',
    async (name) => {
      const { second, number } = await beside();
      expect((await add(number, second, { [name]: name === 'conflictOfInterest' ? ['facility'] : {} })).json()).toMatchObject({
        status: 403,
        at: name,
      });
      expect(arrived()).toHaveLength(1);
    },
  );

  test('an own report is no colleague’s, whatever it is addressed by', async () => {
    const { first, number } = await beside();
    expect((await add(number, first)).statusCode).toBe(404);
  });

  test('a report that is kept from people of the house is found by none of them', async () => {
    await fixture.send(pregnantGirl());
    const prompt = only(await fixture.prompts());
    const body = JSON.stringify({ ...prompt.prefill, conflictOfInterest: ['account:D1002'] });
    const { number } = (await fixture.press(prompt, { body })).json<{ number: string }>();
    const second = only((await fixture.prompts('D1002')).filter(({ id }) => id === prompt.id));
    expect(only(second.reports)).toMatchObject({ addable: false });
    expect((await add(number, second)).statusCode).toBe(404);
    expect(second.prefill).not.toHaveProperty('relatedReports');
    expect((await fixture.press(second)).statusCode).toBe(202);
    expect(fixture.relay.arrivals[1]?.body.toString('utf8')).not.toContain(number);
  });

  test('stay in sight of whoever added them once they report themselves, and once another visit speaks in the prompt', async () => {
    const { first, second, number } = await beside();
    await add(number, second);
    expect(await listed(second)).toMatchObject([{ key: 'add-1' }]);
    fixture.clock.advance(1_000);
    await fixture.send(
      pregnantGirl({ id: 'V0014', conditions: [{ code: 'T74.100', system: 'icd-10-cn', text: '躯体虐待', status: 'final' }] }),
    );
    const later = only((await fixture.prompts('D1002')).filter(({ id }) => id === first.id));
    expect([later.encounter.id, later.occurrence]).toEqual(['V0014', 2]);
    expect(await listed(later)).toMatchObject([{ key: 'add-1' }]);
    expect((await read(`/v1/reports/${later.pressId}/follow-ups`, later.ticket)).json()).toMatchObject({ reportedName: '张*婷' });
    expect((await fixture.press(later)).statusCode).toBe(202);
    await follow(later, { kind: 'follow-up' }, 'own-1');
    expect(await listed(later)).toMatchObject([{ key: 'add-1' }, { key: 'own-1' }]);
    expect(await listed(first)).toEqual([]);
    expect((await read(`/v1/reports/${second.pressId}/follow-ups`, first.ticket)).statusCode).toBe(404);
  });

  test('of one key in two cases are told apart by their own ids, and neither is told for the other', async () => {
    const { second, number } = await beside();
    const added = (await add(number, second, {}, 'k1')).json<{ reportId: string }>();
    await fixture.press(second);
    const own = (await follow(second, { kind: 'follow-up' }, 'k1')).json<{ reportId: string }>();
    fixture.relay.events.push({ headline: 'submitted', lines: [] });
    expect((await read('/v1/reports/k1', second.ticket)).json()).toMatchObject({ status: 409, at: 'id' });
    for (const { reportId } of [added, own]) expect((await read(`/v1/reports/${reportId}`, second.ticket)).statusCode).toBe(200);
  });

  test('nobody with another prompt’s ticket, one for a report they began, or none, adds anything or reads whom it is of', async () => {
    const { number } = await beside();
    const { encounterId } = await fixture.send(bruisedInfant());
    const other = only((await fixture.prompts('D1002')).filter(({ encounter }) => encounter.id === encounterId));
    const manual = await fixture.gateway.app.inject({
      method: 'POST',
      url: '/v1/tickets',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await fixture.clinician('D1002')}` },
      payload: JSON.stringify({ encounterId: pregnantGirl().id }),
    });
    for (const ticket of [other.ticket, manual.json<{ ticket: string }>().ticket]) {
      expect((await add(number, { pressId: '', ticket })).json()).toMatchObject({ status: 404, at: 'id' });
      expect((await read(`/v1/reports/${number}/follow-ups`, ticket)).statusCode).toBe(404);
    }
    expect((await add(number, { pressId: '', ticket: 'none' })).statusCode).toBe(401);
    const byToken = await fixture.gateway.app.inject({
      method: 'GET',
      url: `/v1/reports/${number}/follow-ups`,
      headers: { authorization: `Bearer ${await fixture.clinician('D1002')}` },
    });
    expect(byToken.statusCode).toBe(404);
    expect(arrived()).toHaveLength(1);
  });

  test('another visit of the same days is another report', async () => {
    const { first, number } = await beside();
    fixture.clock.advance(1_000);
    await fixture.send(
      pregnantGirl({ id: 'V0014', conditions: [{ code: 'T74.100', system: 'icd-10-cn', text: '躯体虐待', status: 'final' }] }),
    );
    const later = only((await fixture.prompts('D1002')).filter(({ id }) => id === first.id));
    expect([later.encounter.id, only(later.reports)]).toMatchObject(['V0014', { sameChild: true, addable: false }]);
    expect((await add(number, later)).statusCode).toBe(404);
  });

  test('a visit that turned out to be another child’s since takes nothing more, and its new report is not linked', async () => {
    const { second, number } = await beside();
    fixture.clock.advance(1_000);
    await fixture.send(pregnantGirl({ revision: 2, patient: { ...pregnantGirl().patient, id: 'P-other', name: '李小花' } }));
    expect((await add(number, second)).statusCode).toBe(404);
    const now = only(await fixture.prompts('D1002'));
    expect(only(now.reports)).toMatchObject({ sameChild: false, addable: false });
    expect(now.prefill).not.toHaveProperty('relatedReports');
  });
});
