import { beforeEach, describe, expect, test } from 'vitest';
import { createCheckActs } from '../src/more/check-acts.js';
import { isToCheck } from '../src/more/check.js';
import type { Prompt, Question } from '../src/index.js';
import { actsOn, PROMPTS, startBench } from './support/acts.js';
import type { Bench } from './support/gateway.js';
import { aPrompt, aReason } from './support/prompts.js';

const question = (id: string, line = ''): Question => ({ id, text: `${id}？`, normal: '没有', abnormal: '有', line });
const [delay, worry, home] = [question('injury.delay'), question('injury.worry', '不放心吗？有'), question('care.tonight')];
const anOrange = (overrides: Partial<Prompt> = {}): Prompt =>
  aPrompt({
    level: 'orange',
    statutory: false,
    reasons: [aReason({ questionSet: 'injury' }), aReason({ ruleId: 'R-ID-01', questionSet: 'care' })],
    questionSets: [
      { id: 'injury', questions: [delay, worry] },
      { id: 'care', questions: [home] },
    ],
    ...overrides,
  });

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
const { told, shown, openPrompt } = actsOn(() => bench);
const acts = () => createCheckActs(bench.machine);
const saves = () => told('/v1/prompts/prm_1/answers').map(({ body }) => JSON.parse(body) as unknown);
const current = (): Prompt => bench.machine.state.prompts[0] as Prompt;
/** The gateway as it answers: everything it was told so far. */
function keeps(prefill: object = aPrompt().prefill): void {
  let answers: Record<string, string> = {};
  let turn = 0;
  bench.answer = ({ path, body }) => {
    if (!path.endsWith('/answers')) return { status: 200 };
    answers = { ...answers, ...(JSON.parse(body) as { answers: Record<string, string> }).answers };
    turn += 1;
    return { status: 200, body: { savedAt: `2026-11-22T13:05:0${turn}.000Z`, answers, prefill } };
  };
}

describe('a tick', () => {
  test('is on the screen at once, kept at the gateway with the patient it is about, and not sent again', async () => {
    await openPrompt(anOrange());
    keeps();
    const check = acts();
    check.tick(current(), delay, 'normal');
    check.tick(current(), worry, 'abnormal');
    expect([check.tickOf(current(), delay), check.tickOf(current(), worry), check.tickOf(current(), home)]).toEqual([
      'normal',
      'abnormal',
      'not-asked',
    ]);
    await bench.settle();
    expect(saves()).toEqual([
      { patientId: 'P0013', answers: { 'injury.delay': 'normal' } },
      { patientId: 'P0013', answers: { 'injury.worry': 'abnormal' } },
    ]);
    expect(shown()?.session.jotted).toEqual({});
    expect(check.tickOf(current(), worry)).toBe('abnormal');
  });

  test('that could not be kept stays on the screen and goes with the next one', async () => {
    await openPrompt(anOrange());
    bench.answer = () => undefined;
    const check = acts();
    check.tick(current(), delay, 'abnormal');
    await bench.settle();
    expect(check.tickOf(current(), delay)).toBe('abnormal');
    keeps();
    check.tick(current(), worry, 'normal');
    await bench.settle();
    expect(saves().at(-1)).toEqual({ patientId: 'P0013', answers: { 'injury.delay': 'abnormal', 'injury.worry': 'normal' } });
  });

  test('of another page of the same person is shown, the later of the two', async () => {
    await openPrompt(anOrange());
    keeps();
    const check = acts();
    check.tick(current(), delay, 'normal');
    await bench.settle();
    await bench.tell(PROMPTS, anOrange({ answers: { savedAt: '2026-11-22T13:00:00.000Z', answers: { 'injury.delay': 'abnormal' } } }));
    expect(check.tickOf(current(), delay)).toBe('normal');
    await bench.tell(PROMPTS, anOrange({ answers: { savedAt: '2026-11-22T13:09:00.000Z', answers: { 'injury.delay': 'abnormal' } } }));
    expect(check.tickOf(current(), delay)).toBe('abnormal');
  });

  test('is never shown or sent for another child whose prompt it turns out to be, nor is what was written', async () => {
    await openPrompt(anOrange());
    bench.answer = () => undefined;
    const check = acts();
    check.tick(current(), delay, 'normal');
    bench.machine.go('confirm');
    bench.machine.fill({ observed: 'of the first child' });
    await bench.settle();
    await bench.tell(PROMPTS, anOrange({ version: 2, patient: { id: 'P9', maskedName: '李*', sex: 'male', ageText: '2岁' } }));
    expect(check.tickOf(current(), delay)).toBe('not-asked');
    expect(shown()?.session).toMatchObject({ view: 'reasons', form: undefined, jotted: {} });
    keeps();
    check.tick(current(), worry, 'normal');
    await bench.settle();
    expect(saves().at(-1)).toEqual({ patientId: 'P9', answers: { 'injury.worry': 'normal' } });
  });
});

test('a prompt that comes late, of the child before, puts nothing away of what was written for the child it is of now', async () => {
  const before = anOrange();
  await openPrompt(anOrange({ version: 2, patient: { ...before.patient, id: 'P9', maskedName: '李*' } }));
  bench.machine.go('confirm');
  bench.machine.fill({ observed: 'of the second child' });
  await bench.tell(PROMPTS, before);
  expect(current().patient.id).toBe('P9');
  expect(shown()?.session).toMatchObject({ view: 'confirm', form: { observed: 'of the second child' } });
});

describe('what follows', () => {
  test('报告 opens S2 as the gateway fills it in, and follows what is ticked after it was left again', async () => {
    await openPrompt(anOrange());
    const { prefill } = aPrompt();
    keeps({ ...prefill, safety: { safeToGoHome: 'no' }, suspicion: { ...prefill.suspicion, observed: '血HCG；不放心吗？有' } });
    const check = acts();
    check.tick(current(), worry, 'abnormal');
    check.tick(current(), home, 'abnormal');
    await check.report(current());
    expect(shown()?.session).toMatchObject({ view: 'confirm', form: { observed: '血HCG；不放心吗？有', unsafeHome: 'yes' } });
    bench.machine.fill({ observed: '血HCG；不放心吗？有；陪同人催促离开' });
    bench.machine.go('reasons');
    check.tick(current(), worry, 'normal');
    await check.report(current());
    expect(shown()?.session.form?.observed).toBe('血HCG；陪同人催促离开');
  });

  test('报告 waits two seconds at most for a gateway that is away, and says the answers in 看到了什么', async () => {
    await openPrompt(anOrange());
    bench.answer = () => new Promise(() => undefined);
    const check = acts();
    check.tick(current(), delay, 'abnormal');
    const reported = check.report(current());
    await bench.settle();
    expect(shown()?.session.view).toBe('reasons');
    await bench.advance(2_000);
    await reported;
    expect(shown()?.session).toMatchObject({ view: 'confirm', form: { observed: '血HCG：12500 IU/L；injury.delay？有' } });
  });

  test('暂不报告 keeps the answers first and then decides, with the version on the screen', async () => {
    await openPrompt(anOrange());
    keeps();
    const check = acts();
    for (const one of [delay, worry, home]) check.tick(current(), one, 'normal');
    await check.notNow(current());
    const paths = bench.asked.map(({ path }) => path);
    expect(paths.lastIndexOf('/v1/prompts/prm_1/answers')).toBeLessThan(paths.indexOf('/v1/prompts/prm_1/decide'));
    expect(JSON.parse(told('/v1/prompts/prm_1/decide')[0]?.body ?? '')).toEqual({ version: 1, code: 'assessed-not-now', text: '' });
    expect(shown()?.session).toMatchObject({ view: 'reasons', notice: 'recorded' });
  });

  test.each([
    [{ status: 200 }, ''],
    [{ status: 401 }, 'signedOut'],
    [undefined, 'failed'],
  ])('想先请教 shows the telephones before anybody has answered; answered %j it says %j', async (reply, notice) => {
    await openPrompt(anOrange());
    bench.answer = () => reply;
    const consulted = acts().consult(current());
    expect(shown()?.session.view).toBe('consult');
    await consulted;
    expect(JSON.parse(told('/v1/prompts/prm_1/defer')[0]?.body ?? '')).toEqual({ code: 'consult' });
    expect(shown()?.session).toMatchObject({ view: 'consult', notice });
  });
});

test.each<[string, Partial<Prompt>, boolean]>([
  ['orange', {}, true],
  ['put off', { state: 'deferred' }, true],
  ['red', { level: 'red' }, false],
  ['without questions', { questionSets: [] }, false],
  ['decided', { state: 'decided' }, false],
  ['reported already', { reports: [{ number: '1', at: '' }] }, false],
  ['pressed and refused', { refusedAt: '2026-11-22T13:00:00Z' }, false],
])('S4 stands in the place of S1 for a prompt that is %s: %#', (_what, overrides, stands) => {
  expect(isToCheck(anOrange(overrides))).toBe(stands);
});
