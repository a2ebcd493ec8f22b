import { beforeEach, describe, expect, test } from 'vitest';
import { isAsking, toShow } from '../src/machine/prompts.js';
import { type FollowActs, followActs } from '../src/more/follow/follow-acts.js';
import type { Prompt } from '../src/wire.js';
import { actsOn, PROMPTS, startBench, TAKEN } from './support/acts.js';
import type { Bench } from './support/gateway.js';
import { aPrompt } from './support/prompts.js';

const SETTLE = '/v1/prompts/prm_1/settle';
const FOLLOW = '/v1/reports/prs_1/follow-ups';
const SECOND = { status: 202, body: { reportId: `rpt_${'1'.repeat(26)}`, number: '440232-261122-030008-3' } };
const TO_KEEP = [
  { kind: 'conception-tissue', volatileUntil: '2026-11-23T12:30:00.000Z' },
  { kind: 'clothing', volatileUntil: '2026-11-23T12:30:00.000Z' },
];

let bench: Bench;
let acts: FollowActs;
let settled: number;
beforeEach(async () => {
  bench = await startBench();
  acts = followActs(bench.machine);
  settled = 200;
  bench.answer = ({ path, method }) => {
    if (path === SETTLE) return { status: settled };
    if (path === '/v1/reports') return TAKEN;
    if (path === FOLLOW) return method === 'POST' ? SECOND : { status: 200, body: { followUps: [] } };
    return { status: 200 };
  };
});
const { shown, openPrompt, pressReport, presses } = actsOn(() => bench);
const bodies = (path: string) =>
  bench.asked.filter((asked) => asked.method === 'POST' && asked.path === path).map(({ body }) => JSON.parse(body) as unknown);
const tell = (overrides: Partial<Prompt>) => bench.tell(PROMPTS, aPrompt(overrides));

describe('S7 on the bar', () => {
  test.each([
    [{ state: 'reported', leftAs: 'left' }, true],
    [{ state: 'reported', leftAs: null, toKeep: TO_KEEP }, true],
    [{ state: 'deferred', leftAs: 'transferred' }, true],
    [{ state: 'reported', leftAs: null, toKeep: [] }, false],
    [{ state: 'deferred' }, false],
  ] as const)('a prompt %j asks: %s', (overrides, asks) => {
    expect(isAsking(aPrompt(overrides))).toBe(asks);
  });

  test('what asks comes first, and opening shows it, also after another report was made here', async () => {
    await openPrompt({ id: 'prm_2', pressId: 'prs_2', ticket: 'ticket-2' });
    await pressReport();
    await tell({ id: 'prm_2', pressId: 'prs_2', state: 'reported', version: 2 });
    bench.machine.collapse();
    await tell({ state: 'reported', leftAs: 'left', version: 2 });
    expect(bench.machine.state.prompts.map(({ id }) => id)).toEqual(['prm_1', 'prm_2']);
    expect(toShow(bench.machine.state)).toBe('prm_1');
    await tell({ state: 'reported', leftAs: null, version: 3 });
    expect(toShow(bench.machine.state)).toBe('prm_2');
  });
});

describe('S7 after a report', () => {
  beforeEach(async () => {
    await openPrompt();
    await pressReport();
    await tell({ state: 'reported', version: 2, leftAs: 'left', toKeep: TO_KEEP });
  });

  test('已离院 is the follow-up of 去向变了, in the case of the report', async () => {
    acts.write('moved', { where: 'left' });
    bench.machine.go('follow', 'moved');
    acts.write('moved', { withWhom: '自称哥哥', destination: '长途汽车站', since: '21:00' });
    acts.press('moved');
    await bench.settle();
    expect(bodies(FOLLOW)).toMatchObject([
      {
        kind: 'follow-up',
        whereabouts: { status: 'left', withWhom: '自称哥哥', destination: '长途汽车站', since: '2026-11-22T21:00:00+08:00' },
      },
    ]);
    expect(bodies(SETTLE)).toEqual([]);
  });

  test.each([
    ['kept', '手术室冰箱', { status: 'kept', place: '手术室冰箱' }, '标本与衣物：已留'],
    ['unavailable', ' ', { status: 'unavailable' }, '标本与衣物：无法留'],
  ] as const)(
    '%s is one follow-up of the case however often it is pressed, under a key of that question',
    async (status, place, item, observed) => {
      acts.keep(status, place);
      acts.keep(status, place);
      await bench.settle();
      const until = status === 'kept' ? { volatileUntil: TO_KEEP[0]?.volatileUntil } : {};
      expect(bodies(FOLLOW)).toEqual([
        {
          mode: 'test',
          createdAt: expect.any(String),
          clockOffsetMs: expect.any(Number),
          source: 'manual',
          reporter: aPrompt().prefill.reporter,
          kind: 'follow-up',
          evidence: ['conception-tissue', 'clothing'].map((kind) => ({ kind, ...item, ...until })),
          suspicion: { observed },
        },
      ]);
      expect(bench.asked.find(({ path, method }) => path === FOLLOW && method === 'POST')?.headers['idempotency-key']).toBe(
        'kept-20261123123000000',
      );
      expect(shown()?.session).toMatchObject({ view: 'followed', code: 'kept-20261123123000000' });
      expect(acts.of(aPrompt())).toMatchObject([{ code: 'kept', progress: { stage: 'submitted' } }]);
    },
  );

  test('不属于 says to the prompt alone that the child has not left; what did not work is said', async () => {
    settled = 409;
    acts.notLeft();
    acts.notLeft();
    await bench.settle();
    expect(bodies(SETTLE)).toEqual([{ patientId: 'P0013', whereabouts: { status: 'in-facility' } }]);
    expect(shown()?.session.notice).toBe('changed');
    expect(bodies(FOLLOW)).toEqual([]);
  });
});

describe('S7 before a report', () => {
  test('已离院 opens the report with where the child has gone, whether or not the gateway could be told', async () => {
    settled = 502;
    await openPrompt({ leftAs: 'left' });
    // S2 was open before, and says something else.
    bench.machine.go('confirm');
    bench.machine.fill({ where: 'in-facility', observed: '写过的' });
    bench.machine.go('reasons');
    acts.write('moved', { where: 'transferred' });
    bench.machine.go('follow', 'moved');
    acts.write('moved', { destination: '市妇幼' });
    acts.press('moved');
    await bench.settle();
    const whereabouts = { status: 'transferred', destination: '市妇幼' };
    expect(bodies(SETTLE)).toEqual([{ patientId: 'P0013', whereabouts }]);
    expect(shown()?.session).toMatchObject({ view: 'confirm', notice: '', form: { where: 'transferred', observed: '写过的' } });
    bench.machine.confirm();
    await bench.settle();
    expect(presses().map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([{ kind: 'initial', whereabouts }]);
    expect(bodies(FOLLOW)).toEqual([]);
  });

  test('已留 is told to the prompt, once, and stands in the report that the gateway fills in then', async () => {
    await openPrompt({ toKeep: TO_KEEP });
    acts.keep('kept', '手术室冰箱');
    acts.keep('kept', '手术室冰箱');
    await bench.settle();
    expect(bodies(SETTLE)).toEqual([{ patientId: 'P0013', evidence: { status: 'kept', place: '手术室冰箱' } }]);
    const evidence = [{ kind: 'clothing', status: 'kept', place: '手术室冰箱' }] as const;
    await tell({ state: 'opened', version: 2, toKeep: [], prefill: { ...aPrompt().prefill, evidence } });
    await pressReport();
    expect(presses().map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([{ evidence }]);
  });

  test('of a press that nobody has taken yet nothing is said apart: it would be of no report', async () => {
    bench.answer = ({ path }) => (path === '/v1/reports' ? undefined : { status: 200 });
    await openPrompt({ leftAs: 'left' });
    await pressReport();
    acts.write('moved', { where: 'left' });
    bench.machine.go('follow', 'moved');
    acts.press('moved');
    await bench.settle();
    expect([bodies(SETTLE), bodies(FOLLOW)]).toEqual([[], []]);
  });
});
