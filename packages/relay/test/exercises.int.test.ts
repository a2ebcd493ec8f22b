import type { Exercise } from '@zhida/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reconcileLedger } from '../src/index.js';
import { aReport, FACILITY, type Fixture, makeFixture, NOW, type PressOptions } from './support/fixture.js';
import { recordingChannel } from './support/recording-channel.js';

const PATIENT = { name: '演练患者甲', identifiers: [{ system: 'hospital-mrn', value: 'YL-0001' }] };
const EXERCISE: Exercise = {
  id: 'autumn-2026',
  facilities: [FACILITY],
  from: '2026-11-22T20:00:00+08:00',
  until: '2026-11-22T22:00:00+08:00',
  patients: [PATIENT],
};
const exercises = [EXERCISE, { ...EXERCISE, id: 'of-another-hospital', facilities: ['91440299MA5DEM0002'] }];

const pager = recordingChannel('pager');
let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture({ relay: { mode: 'production', exercises, escalation: { channels: [pager] } } });
});
afterAll(async () => fixture.close());
beforeEach(() => fixture.clock.set(NOW));

interface Answer {
  readonly reportId: string;
  readonly number: string;
  readonly code: string;
  readonly at: string;
}

/** A report as the page of the exercise's patient presses it. */
const exercised = (overrides: Record<string, unknown> = {}): Record<string, unknown> =>
  aReport({ mode: 'exercise', exerciseId: EXERCISE.id, patient: { ...PATIENT, sex: 'female', birthDate: '2013-03-18' }, ...overrides });

const press = (body: Record<string, unknown>, options: PressOptions = {}) =>
  fixture.press(body, { ...options, ticket: { mode: 'exercise', ...options.ticket } });

async function expectRefused(at: string, pressed: ReturnType<typeof press>): Promise<void> {
  const answer = await pressed;
  expect([answer.statusCode, answer.json<Answer>().code, answer.json<Answer>().at]).toEqual([422, 'ZD_ERR_MODE_REFUSED', at]);
  for (const value of [PATIENT.name, '张某某', 'YL-0001', EXERCISE.id]) expect(answer.body).not.toContain(value);
}

const modes = async (reportId: string): Promise<unknown[]> =>
  (await fixture.database.pool.query('select mode, exercise_id from reports where report_id = $1', [reportId])).rows;

describe('INV-16 an exercise', () => {
  test('INV-16 goes over the production lines to the agencies of the profile, says what it is in the signed payload and first in its view', async () => {
    const answer = (await press(exercised())).json<Answer>();
    await fixture.relay.drain();
    const arrived = [...fixture.police.arrivals, ...fixture.civilAffairs.arrivals].filter(
      ({ claims }) => claims.reportId === answer.reportId,
    );
    expect(arrived.map(({ claims }) => [claims.aud, claims.mode])).toEqual([
      ['agency:police-440299', 'exercise'],
      ['agency:civil-affairs-440299', 'exercise'],
    ]);
    for (const { claims } of arrived) expect(claims.body).toMatchObject({ notice: '【演练】', mode: 'exercise', exerciseId: EXERCISE.id });
    const status = await fixture.relay.ledger.status(FACILITY, answer.reportId);
    expect(status?.lines.map(({ state }) => state)).toEqual(['stored', 'stored']);
    expect(await modes(answer.reportId)).toEqual([{ mode: 'exercise', exercise_id: EXERCISE.id }]);
  });

  test('INV-16 runs its clocks, and every notice of it begins with 【演练】', async () => {
    const { reportId } = (await press(exercised())).json<Answer>();
    await fixture.relay.drain();
    fixture.clock.advance(31 * 60_000);
    pager.told.length = 0;
    await fixture.relay.escalateOnce();
    const told = pager.told.filter((notice) => notice.reportId === reportId);
    expect(told.map(({ rung }) => rung)).toContain('no-accepted');
    for (const notice of told) expect([notice.mode, notice.text.startsWith('【演练】')]).toEqual(['exercise', true]);
  });

  test('INV-16 held before a real report, does not stand for it: of that one somebody is told by a notice of its own', async () => {
    const heldAfter = async (press: () => Promise<unknown>): Promise<string[]> => {
      await press();
      await fixture.relay.drain();
      pager.told.length = 0;
      // What is held is looked at every few sweeps.
      for (let sweep = 0; sweep < 6; sweep += 1) await fixture.relay.escalateOnce();
      return pager.told.filter(({ rung }) => rung === 'held').map(({ mode }) => mode);
    };
    await fixture.turn('agency:police-440299', 'disable');
    expect(await heldAfter(() => press(exercised()))).toEqual(['exercise']);
    fixture.clock.advance(60_000);
    expect(await heldAfter(() => fixture.press(aReport()))).toEqual(['production']);
    await fixture.turn('agency:police-440299', 'enable');
    await fixture.relay.sweepOnce();
    await fixture.relay.drain();
  });

  test('INV-16 a real child in the window stays production and is delivered as such', async () => {
    const { reportId } = (await fixture.press(aReport())).json<Answer>();
    await fixture.relay.drain();
    const arrived = fixture.police.arrivals.find(({ claims }) => claims.reportId === reportId);
    expect(arrived?.claims.mode).toBe('production');
    expect(arrived?.claims.body).not.toHaveProperty('notice');
    expect(await modes(reportId)).toEqual([{ mode: 'production', exercise_id: null }]);
  });

  test('INV-16 a press under its ticket that says nothing of a mode is one', async () => {
    const { mode: _none, ...body } = exercised();
    const { reportId } = (await press(body)).json<Answer>();
    expect(await modes(reportId)).toEqual([{ mode: 'exercise', exercise_id: EXERCISE.id }]);
  });
});

describe('INV-16 what is refused', () => {
  test.each([
    ['a real child', { patient: { name: '张某某', identifiers: [{ system: 'hospital-mrn', value: 'P0002' }] } }],
    ['a real child on the record of the exercise', { patient: { ...PATIENT, name: '张某某' } }],
    ['a child of the same name', { patient: { name: PATIENT.name, identifiers: [] } }],
    [
      'a record with a number of somebody else',
      { patient: { ...PATIENT, identifiers: [...PATIENT.identifiers, { system: 'x', value: '1' }] } },
    ],
    ['nobody', { patient: {} }],
  ])('INV-16 an exercise with %s', async (_, overrides) => {
    await expectRefused('patient', press(exercised(overrides)));
  });

  test.each(['2026-11-22T19:59:59+08:00', '2026-11-22T22:00:00+08:00'])('INV-16 an exercise outside its window, at %s', async (at) => {
    fixture.clock.set(at);
    await expectRefused('mode', press(exercised()));
  });

  test.each(['spring-2027', 'of-another-hospital', null])('INV-16 an exercise that is not planned here: %s', async (exerciseId) => {
    await expectRefused('exerciseId', press(exercised({ exerciseId })));
  });

  test('INV-16 a body that says something else than the ticket it was pressed under', async () => {
    await expectRefused('mode', press(exercised({ mode: 'production' })));
    await expectRefused('mode', fixture.press(exercised()));
  });

  test('INV-16 an exercise that would correct a real report, or put it away', async () => {
    const real = (await fixture.press(aReport())).json<Answer>();
    const later = { kind: 'error-notice', errorReason: 'wrong-patient', chain: { id: real.reportId } };
    await expectRefused('chain.id', press(exercised(later)));
    await expectRefused('chain.id', press(exercised({ ...later, chain: { id: 'rpt_01hzzzzzzzzzzzzzzzzzzzzzzz' } })));
  });

  test('INV-16 an exercise at a relay that plans none', async () => {
    const plain = await fixture.another({ exercises: [] });
    const headers = await fixture.headers({ ticket: { mode: 'exercise' } });
    const answer = await plain.app.inject({ method: 'POST', url: '/v1/reports', headers, payload: JSON.stringify(exercised()) });
    expect([answer.statusCode, answer.json<Answer>().code]).toEqual([422, 'ZD_ERR_MODE_REFUSED']);
  });

  test('INV-16 a schedule that cannot be, and one at a test relay, when it is made', async () => {
    const wrong = fixture.another({ exercises: [{ ...EXERCISE, until: EXERCISE.from }] });
    await expect(wrong).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID', at: 'exercises[0].until' });
    const test = makeFixture({ relay: { exercises } });
    await expect(test).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID', at: 'exercises' });
  });
});

describe('INV-16 what came once', () => {
  test('INV-16 is answered as it was when it comes again, also after the window', async () => {
    const first = await press(exercised(), { pressId: 'press-exercise' });
    fixture.clock.set('2026-11-23T08:00:00+08:00');
    const again = await press(exercised(), { pressId: 'press-exercise' });
    expect([first.statusCode, again.statusCode, again.body]).toEqual([202, 200, first.body]);
  });

  test('INV-16 does not pass as production: the body has another hash, under its key and under its ticket', async () => {
    const pressId = 'press-to-replay';
    expect((await press(exercised(), { pressId })).statusCode).toBe(202);
    const replayed = exercised({ mode: 'production' });
    await expectRefused('mode', press(replayed, { pressId }));
    const answer = await fixture.press(replayed, { pressId, ticket: null });
    expect([answer.statusCode, answer.json<Answer>().code]).toEqual([409, 'ZD_ERR_IDEMPOTENCY_CONFLICT']);
  });

  test('INV-16 is followed by an exercise in its case', async () => {
    const { reportId } = (await press(exercised())).json<Answer>();
    const followed = await press(exercised({ kind: 'follow-up', chain: { id: reportId } }));
    expect(followed.statusCode).toBe(202);
    expect(await modes(followed.json<Answer>().reportId)).toMatchObject([{ mode: 'exercise' }]);
  });
});

test('INV-16 the duty desk is told of the reports of exercises, of which exercise each is, and of no real one', async () => {
  const { reportId } = (await press(exercised())).json<Answer>();
  const real = (await fixture.press(aReport())).json<Answer>();
  type Listed = { reports: { reportId: string; exerciseId: string | null; mode: string; lines: { recipient: { kind: string } }[] }[] };
  const { reports } = (await fixture.operate('GET', '/v1/exercised')).json<Listed>();
  const listed = reports.find((report) => report.reportId === reportId);
  expect(listed).toMatchObject({ mode: 'exercise', exerciseId: EXERCISE.id });
  expect(listed?.lines.map(({ recipient }) => recipient.kind)).toContain('police');
  expect(reports.map((report) => report.reportId)).not.toContain(real.reportId);
  await fixture.database.pool.query(`update reports set hidden_from = '{duty-7}' where report_id = $1`, [reportId]);
  const others = (await fixture.operate('GET', '/v1/exercised', undefined, 'duty-7')).json<Listed>().reports;
  expect(others.map((report) => report.reportId)).not.toContain(reportId);
});

test('INV-16 exercises are left out of statistics: metrics, counts and the lines of reconcile', async () => {
  const measured = async () => {
    const { body } = await fixture.relay.app.inject({ url: '/metrics' });
    const open = body
      .split('\n')
      .filter((line) => /^zhida_relay_(deliveries|deliveries_held|intake_total|oldest_due_seconds)\{/.test(line));
    const { exercises: apart, ...ledger } = await reconcileLedger(fixture.database.pool);
    return { open, ledger, apart, counted: await fixture.relay.ledger.counts(FACILITY) };
  };
  await fixture.relay.drain();
  const before = await measured();
  await press(exercised());
  const after = await measured();
  expect({ open: after.open, ledger: after.ledger, counted: after.counted }).toEqual({
    open: before.open,
    ledger: before.ledger,
    counted: before.counted,
  });
  expect(after.ledger.differences).toEqual([]);
  expect(after.apart).toEqual({ reports: before.apart.reports + 1, deliveries: before.apart.deliveries + 2, open: before.apart.open + 2 });
});
