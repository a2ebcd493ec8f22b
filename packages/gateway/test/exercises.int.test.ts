import type { EncounterSnapshot, Exercise } from '@zhida/core';
import { reconcilePresses } from '@zhida/relay';
import { addOfficer, type TicketClaims } from '@zhida/signing';
import { waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGateway, type PromptView } from '../src/index.js';
import { FACILITY, type Fixture, makeFixture } from './support/fixture.js';
import { type RelayBeside, startRelayBeside } from './support/relay-beside.js';
import { pregnantGirl } from './support/visits.js';

const RECORD = { name: '演练患者甲', identifiers: [{ system: 'hospital-mrn', value: 'YL-0001' }] };
const EXERCISE: Exercise = {
  id: 'autumn-2026',
  facilities: [FACILITY.code],
  // A leap second, which RFC 3339 knows: 20:00.
  from: '2026-11-22T19:59:60+08:00',
  until: '2026-11-22T22:00:00+08:00',
  patients: [RECORD],
};
const SECOND: Exercise = { ...EXERCISE, id: 'autumn-2026-b', from: '2026-11-23T09:00:00+08:00', until: '2026-11-23T10:00:00+08:00' };
const AFTER = '2026-11-22T22:00:01+08:00';

let fixture: Fixture;
let beside: RelayBeside;
beforeAll(async () => {
  fixture = await makeFixture({
    relayTrusted: false,
    mode: 'production',
    settings: { relayAnswerMs: 5_000 },
    gateway: { exercises: [EXERCISE, SECOND] },
  });
  beside = await startRelayBeside(fixture);
});
afterAll(async () => {
  await fixture.close();
  await beside.close();
});
beforeEach(async () => fixture.reset());

/** The visit somebody wrote for the exercise; what makes it red is a real child's. */
const exercised = (patient: EncounterSnapshot['patient'] = {}): EncounterSnapshot =>
  pregnantGirl({ id: 'V-YL', patient: { id: 'YL-0001', ...RECORD, sex: 'female', birthDate: '2013-03-18', ...patient } });

async function promptOf(visit: EncounterSnapshot): Promise<PromptView> {
  await fixture.send(visit);
  const found = (await fixture.prompts()).find(({ encounter }) => encounter.id === visit.id);
  if (found === undefined) throw new Error('no prompt');
  return found;
}

/** The only prompt of the exercise asks nobody any more. */
const ended = () =>
  waitUntil(async () => (await fixture.rows(`select from prompts where state = 'expired'`)).length === 1, {
    what: 'the prompt of the exercise has ended',
  });

const claimsOf = ({ ticket }: Pick<PromptView, 'ticket'>) =>
  JSON.parse(Buffer.from(ticket.split('.')[1] ?? '', 'base64url').toString('utf8')) as TicketClaims;

const ledger = async () =>
  (await beside.database.pool.query('select mode, exercise_id from reports order by received_at desc, number desc limit 1')).rows[0];

describe('INV-16 in the window of an exercise', () => {
  test('INV-16 a patient of its record is prompted as one: marked, under a ticket that says so, and taken by the relay', async () => {
    const prompt = await promptOf(exercised());
    expect(prompt).toMatchObject({ mode: 'exercise', level: 'red', prefill: { mode: 'exercise', exerciseId: EXERCISE.id } });
    expect(prompt.patient.maskedName).toMatch(/^【演练】演/);
    expect(JSON.stringify(prompt.phone)).toContain('【演练】');
    expect(claimsOf(prompt).mode).toBe('exercise');
    const answer = await fixture.press(prompt);
    expect(answer.statusCode).toBe(202);
    expect(await ledger()).toEqual({ mode: 'exercise', exercise_id: EXERCISE.id });
  });

  test('INV-16 a real child stays production and is reported as such', async () => {
    const prompt = await promptOf(pregnantGirl());
    expect([prompt.mode, prompt.prefill.exerciseId, claimsOf(prompt).mode]).toEqual(['production', undefined, 'production']);
    expect(prompt.patient.maskedName).not.toContain('演练');
    expect((await fixture.press(prompt)).statusCode).toBe(202);
    expect(await ledger()).toEqual({ mode: 'production', exercise_id: null });
  });

  test.each([
    ['of the same name', { identifiers: [{ system: 'hospital-mrn', value: 'P0013' }] }],
    ['written into the record of the exercise', { name: '张晓婷' }],
    ['who is known by more than the record', { identifiers: [...RECORD.identifiers, { system: 'cn-health-card', value: 'H0013' }] }],
  ])('INV-16 a real child %s is no exercise', async (_, patient) => {
    expect((await promptOf(exercised(patient))).mode).toBe('production');
  });

  test('INV-16 a report a person begins is one for the open chart of its patient, and never for another child', async () => {
    await fixture.send(exercised());
    const open = async (encounterId: string) =>
      fixture.gateway.app.inject({
        method: 'POST',
        url: '/v1/tickets',
        headers: { authorization: `Bearer ${await fixture.clinician()}`, 'content-type': 'application/json' },
        payload: JSON.stringify({ encounterId }),
      });
    const [own, another] = [(await open('V-YL')).json<PromptView>(), (await open('')).json<PromptView>()];
    expect([own.mode, claimsOf(own).mode, own.prefill.exerciseId]).toEqual(['exercise', 'exercise', EXERCISE.id]);
    expect([another.mode, claimsOf(another).mode]).toEqual(['production', 'production']);
    const body = JSON.stringify({ ...another.prefill, patient: { name: '不详' }, suspicion: { observed: '走廊里的另一个孩子' } });
    expect((await fixture.press(another, { body })).statusCode).toBe(202);
    expect(await ledger()).toEqual({ mode: 'production', exercise_id: null });
  });

  test('INV-16 what is said after such a report is of the exercise too', async () => {
    const prompt = await promptOf(exercised());
    const { reportId } = (await fixture.press(prompt)).json<{ reportId: string }>();
    const answer = await fixture.gateway.app.inject({
      method: 'POST',
      url: `/v1/reports/${reportId}/follow-ups`,
      headers: { 'content-type': 'application/json', 'press-ticket': prompt.ticket, 'idempotency-key': 'again' },
      payload: JSON.stringify({ mode: prompt.mode, kind: 'follow-up', suspicion: { observed: '补充' } }),
    });
    expect(answer.statusCode).toBe(202);
    const { rows } = await beside.database.pool.query('select kind, mode from reports where chain_id = $1 order by sequence', [reportId]);
    expect(rows).toEqual([
      { kind: 'initial', mode: 'exercise' },
      { kind: 'follow-up', mode: 'exercise' },
    ]);
  });
});

describe('INV-16 what is refused, and committed nowhere', () => {
  const refused = async (at: string, prompt: PromptView, change: Record<string, unknown> = {}): Promise<void> => {
    const answer = await fixture.press(prompt, { body: JSON.stringify({ ...prompt.prefill, ...change }) });
    expect([answer.statusCode, answer.json()]).toMatchObject([422, { code: 'ZD_ERR_MODE_REFUSED', at }]);
    for (const value of ['演练患者', '张晓婷', 'YL-0001']) expect(answer.body).not.toContain(value);
    expect(await fixture.rows('select press_id from presses')).toEqual([]);
  };

  test('INV-16 a real child under the ticket of an exercise', async () => {
    await refused('patient', await promptOf(exercised()), { patient: { ...RECORD, name: '张晓婷' } });
  });

  test('INV-16 an exercise that is pressed as a real report, and a real report as an exercise', async () => {
    await refused('mode', await promptOf(exercised()), { mode: 'production' });
    await refused('mode', await promptOf(pregnantGirl()), { mode: 'exercise', exerciseId: EXERCISE.id, patient: RECORD });
  });

  test('INV-16 an exercise that was prompted in its window and is pressed after it; one that was taken is answered as it was', async () => {
    const prompt = await promptOf(exercised());
    fixture.clock.set(AFTER);
    await refused('mode', prompt);
    await ended();
    await fixture.reset();
    const taken = await promptOf(exercised());
    const answer = await fixture.press(taken);
    fixture.clock.set(AFTER);
    expect((await fixture.press(taken)).body).toBe(answer.body);
  });
});

test('INV-16 outside every window a patient of the record is assessed and prompts nobody; a real child prompts as ever', async () => {
  fixture.clock.set(AFTER);
  expect((await fixture.send(exercised())).level).toBe('red');
  expect(await fixture.prompts()).toEqual([]);
  expect((await promptOf(pregnantGirl())).mode).toBe('production');
});

/** Real, in the record that the exercise has used. */
const CHILD = { name: '张晓婷' };

describe('INV-16 a child who comes into the record of an exercise is real from then on, at the screen, the desk and the relay', () => {
  const isRealAndReported = async (prompt: PromptView): Promise<void> => {
    expect([prompt.state, prompt.mode, claimsOf(prompt).mode, prompt.prefill.exerciseId]).toEqual([
      'shown',
      'production',
      'production',
      undefined,
    ]);
    expect(prompt.reports).toEqual([]);
    expect((await fixture.press(prompt)).statusCode).toBe(202);
    expect(await ledger()).toEqual({ mode: 'production', exercise_id: null });
  };

  test('INV-16 written into it after the prompt, which closes', async () => {
    expect((await promptOf(exercised())).mode).toBe('exercise');
    await isRealAndReported(await promptOf({ ...exercised(CHILD), revision: 2 }));
    expect(await fixture.rows('select exercise, state from prompts order by exercise desc')).toEqual([
      { exercise: true, state: 'closed' },
      { exercise: false, state: 'reported' },
    ]);
  });

  test.each([
    ['written into it', CHILD],
    ['whom its visit was of', { ...CHILD, id: 'P0013', identifiers: [{ system: 'hospital-mrn', value: 'P0013' }] }],
  ])('INV-16 %s after its report was made, which reports no child', async (_, patient) => {
    const drilled = await promptOf(exercised());
    expect((await fixture.press(drilled)).statusCode).toBe(202);
    const prompt = await promptOf({ ...exercised(patient), revision: 2 });
    await isRealAndReported(prompt);
    expect((await fixture.prompts()).map(({ id }) => id)).toEqual([prompt.id]);
  });

  test('INV-16 with a visit of their own beside its visit: neither speaks in the other’s prompt', async () => {
    const drilled = await promptOf(exercised());
    const real = await promptOf(pregnantGirl({ patient: { ...exercised().patient, ...CHILD } }));
    await promptOf({ ...exercised(), revision: 2, location: '急诊1诊室' });
    const [still, own] = (await fixture.prompts()).toSorted((one, other) => one.mode.localeCompare(other.mode));
    expect([still?.id, own?.id, own?.mode, own?.prefill.patient?.name]).toEqual([drilled.id, real.id, 'production', CHILD.name]);
    await isRealAndReported(real);
  });

  test('INV-16 what follows a real report is real, whoever the visit is of by then', async () => {
    const { id, ...real } = await promptOf(exercised(CHILD));
    const { reportId } = (await fixture.press(real)).json<{ reportId: string }>();
    await fixture.send({ ...exercised(), revision: 2 });
    const prompt = (await fixture.prompts()).find((one) => one.id === id);
    const answer = await fixture.gateway.app.inject({
      method: 'POST',
      url: `/v1/reports/${reportId}/follow-ups`,
      headers: { 'content-type': 'application/json', 'press-ticket': prompt?.ticket, 'idempotency-key': 'wrong' },
      payload: JSON.stringify({ mode: prompt?.mode, kind: 'error-notice', errorReason: 'wrong-patient' }),
    });
    expect([prompt?.mode, answer.statusCode]).toEqual(['exercise', 202]);
    expect(await ledger()).toEqual({ mode: 'production', exercise_id: null });
  });
});

/** A page of the duty desk, for somebody who has signed in. */
async function deskOf(): Promise<(path: string, fields?: Record<string, string>) => Promise<string>> {
  const { code } = await addOfficer(fixture.parties.gateway.directory, { id: 'Z001', name: '王值班' });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const payload = new URLSearchParams({ officer: 'Z001', code }).toString();
  const signedIn = await fixture.gateway.app.inject({ method: 'POST', url: '/duty/sign-in', headers: form, payload });
  const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
  return async (path, fields) => {
    const headers = fields === undefined ? { cookie } : { cookie, ...form };
    const sent = fields === undefined ? {} : { payload: new URLSearchParams(fields).toString() };
    return (await fixture.gateway.app.inject({ method: fields === undefined ? 'GET' : 'POST', url: path, headers, ...sent })).body;
  };
}

test('INV-16 what an exercise has left when its window ended hides no real press, and nobody is told to press it again', async () => {
  await fixture.press(await promptOf(exercised()));
  await fixture.press(await promptOf(pregnantGirl()));
  // As many as the desk lists, each begun by a person, which the relay takes no more; and one of a real child, later than all.
  const { pool } = fixture.database;
  await pool.query(`update presses set state = 'held', report_id = null, number = null, next_due_at = '2036-01-01'`);
  await pool.query(`update presses set prompt_id = null, refused_at = pressed_at, last_problem = 'status-422' where exercise`);
  await pool.query(`update presses set pressed_at = pressed_at + interval '1 hour' where not exercise`);
  await pool.query(
    `insert into presses (press_id, facility, account, exercise, body_sha256, wrapped_key, sealed_body, sealed_ticket, state, refused_at, next_due_at, pressed_at)
     select press_id || n, facility, account, exercise, body_sha256, wrapped_key, sealed_body, sealed_ticket, state, refused_at, next_due_at, pressed_at
     from presses, generate_series(1, 200) n where exercise`,
  );
  expect(await (await deskOf())('/duty')).toContain('data-next="held" data-mode="production"');
  const headers = { authorization: `Bearer ${await fixture.clinician()}` };
  expect((await fixture.gateway.app.inject({ method: 'GET', url: '/v1/reports/refused', headers })).json()).toEqual({ refused: [] });
});

test('INV-16 the duty desk stripes and marks an exercise and does not count it; reconcile counts its press apart', async () => {
  const page = await deskOf();
  await beside.database.pool.query('update deliveries set attested_at = now() where attested_at is null');
  const prompt = await promptOf(exercised());
  expect(await page('/duty/prompts')).toMatch(/<tr data-mode="exercise"><td[^>]*><b class="tag mode">【演练】<.b> 急诊科/);
  const { reportId } = (await fixture.press(prompt)).json<{ reportId: string }>();
  expect(await page(`/duty/reports/${reportId}`)).toContain('<p class="stripe" data-mode="exercise">【演练】</p>');
  const desk = await page('/duty');
  expect(desk).toContain('data-mode="exercise"');
  expect(desk).toContain('<b class="tag mode">【演练】</b>');
  expect(desk).toContain('<title>总值班台</title>');
  expect(await reconcilePresses(fixture.database.pool, beside.database.pool)).toEqual({
    presses: 0,
    held: 0,
    exercises: 1,
    differences: [],
  });
});

test('INV-16 the page of exercises has each with its window and what was pressed, and when each agency signed and accepted', async () => {
  const page = await deskOf();
  const read = async (): Promise<string> => (await page('/duty/exercises')).replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
  await fixture.database.pool.query(`delete from presses`);
  const before = await read();
  expect(before).toMatch(/ 【演练】 autumn-2026 进行中 时段 2026年11月22日20:00–22:00 单位 云溪县人民医院 提示 没有/);
  const { reportId, number } = (await fixture.press(await promptOf(exercised()))).json<{ reportId: string; number: string }>();
  await fixture.press(await promptOf(pregnantGirl()));
  const { pool } = beside.database;
  await pool.query(
    `update deliveries set state = 'accepted', stored_at = '2026-11-22T20:30:20+08:00', accepted_at = '2026-11-22T20:43:00+08:00'
     where report_id = $1 and recipient_kind = 'police'`,
    [reportId],
  );
  const after = await read();
  expect(after).toMatch(/提示 1条，都已处置/);
  expect(after).toContain(
    `【演练】 ${number} 急诊科 · 按下 11月22日20:30 接收机关 签收 受理 县公安局110指挥中心 11月22日20:30（1分钟内） 11月22日20:43（13分钟后） 县民政局 尚未 尚未`,
  );
  expect(after.split('按下')).toHaveLength(before.split('按下').length + 1);
  expect(after).not.toMatch(/演练患者甲|张晓婷/);
  await beside.relay.stop();
  try {
    expect(await read()).toMatch(/送达服务没有应答.* autumn-2026 进行中/);
  } finally {
    await beside.startAgain();
  }
});

test('INV-16 what nobody answered ends with the window and is on no list of children; told again after it, it stays so', async () => {
  await fixture.send(exercised());
  await fixture.send(pregnantGirl());
  const page = await deskOf();
  expect((await page('/duty/prompts')).split('急诊科')).toHaveLength(3);
  fixture.clock.set(AFTER);
  await ended();
  const signedIn = await deskOf();
  expect((await signedIn('/duty/prompts')).split('急诊科')).toHaveLength(2);
  expect(await signedIn('/duty/exercises')).toContain('1条，1条没有人处置');
  await fixture.send({ ...exercised(), revision: 2, location: '急诊1诊室' });
  expect(await fixture.rows('select exercise, state, occurrence from prompts order by exercise')).toEqual([
    { exercise: false, state: 'shown', occurrence: 1 },
    { exercise: true, state: 'expired', occurrence: 1 },
  ]);
});

test('INV-16 a prompt that asks again in a later exercise counts there too, and each window keeps what came of it', async () => {
  await fixture.send(exercised());
  fixture.clock.set(AFTER);
  await ended();
  fixture.clock.set('2026-11-23T09:10:00+08:00');
  const { id, version, occurrence } = await promptOf({ ...exercised(), revision: 2, location: '急诊1诊室' });
  expect(occurrence).toBe(2);
  expect((await fixture.act(id, 'decide', { version, code: 'wrong-patient', text: '' })).statusCode).toBe(200);
  const page = (await (await deskOf())('/duty/exercises')).replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
  expect(page).toMatch(/autumn-2026-b 进行中.*提示 1条，都已处置.*autumn-2026 已结束.*提示 1条，1条没有人处置/);
});

test('INV-16 a reason given in an exercise is reviewed in its window, striped and marked, and waits for nobody after it', async () => {
  const { id, version } = await promptOf(exercised());
  expect((await fixture.act(id, 'decide', { version, code: 'wrong-patient', text: '' })).statusCode).toBe(200);
  const page = await deskOf();
  expect(await page('/duty/review')).toMatch(/<tr data-mode="exercise"><td[^>]*><b class="tag mode">【演练】<.b> 急诊科/);
  const formToken = /name="formToken" value="([^"]+)"/.exec(await page(`/duty/reviews/${id}`))?.[1] ?? '';
  const opened = await page(`/duty/reviews/${id}/open`, { formToken, reason: '核对演练' });
  expect(opened).toContain('<p class="stripe" data-mode="exercise">【演练】</p>');
  fixture.clock.set(AFTER);
  expect(await (await deskOf())('/duty/review')).toContain('没有待复核的');
});

test('INV-16 a case of an exercise is marked when it is opened, and so is its number in a handover', async () => {
  await beside.database.pool.query('update deliveries set attested_at = now() where attested_at is null');
  const { reportId, number } = (await fixture.press(await promptOf(exercised()))).json<{ reportId: string; number: string }>();
  const page = await deskOf();
  const formToken = /name="formToken" value="([^"]+)"/.exec(await page('/duty/handover'))?.[1] ?? '';
  const opened = await page(`/duty/reports/${reportId}/open`, { formToken, reason: '核对演练' });
  expect(opened).toContain('演练患者甲');
  expect(opened).toContain('<p class="stripe" data-mode="exercise">【演练】</p>');
  await page('/duty/handover', { formToken });
  expect((await page('/duty/handover')).replaceAll(/<[^>]+>/g, '')).toContain(`交班时未结：【演练】${number}`);
});

test('INV-16 a schedule that cannot be, and one at a gateway of tests, makes no gateway', async () => {
  const wrong = createGateway({ ...fixture.options, exercises: [{ ...EXERCISE, from: 'soon' }] });
  await expect(wrong).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID', at: 'exercises[0].from' });
  const plain = await makeFixture();
  const test = createGateway({ ...plain.options, exercises: [EXERCISE] });
  await expect(test).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID', at: 'exercises' });
  await plain.close();
});
