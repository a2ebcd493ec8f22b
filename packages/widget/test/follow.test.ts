import { beforeEach, describe, expect, test } from 'vitest';
import type { PressProgress } from '../src/machine/headline.js';
import { MANUAL } from '../src/machine/state.js';
import { type FollowActs, followActs } from '../src/more/follow/follow-acts.js';
import { isStopped } from '../src/more/follow/follow-book.js';
import { instantOf } from '../src/more/follow/follow-report.js';
import { manualActs } from '../src/more/manual-acts.js';
import { actsOn, PROMPTS, startBench, TAKEN } from './support/acts.js';
import type { Asked, Bench, Reply } from './support/gateway.js';
import { aPrompt } from './support/prompts.js';

const PATH = '/v1/reports/prs_1/follow-ups';
const SECOND = { status: 202, body: { reportId: `rpt_${'1'.repeat(26)}`, number: '440232-261122-030008-3' } };

let bench: Bench;
let acts: FollowActs;
let answerFollow: (asked: Asked) => Reply;
beforeEach(async () => {
  bench = await startBench();
  acts = followActs(bench.machine);
  answerFollow = () => SECOND;
  bench.answer = (asked) => {
    if (asked.path === '/v1/reports') return TAKEN;
    if (asked.path.endsWith('/follow-ups')) return asked.method === 'POST' ? answerFollow(asked) : { status: 200, body: { followUps: [] } };
    return { status: 200 };
  };
});
const { shown, openPrompt, pressReport } = actsOn(() => bench);

const sent = (path = PATH) => bench.asked.filter((asked) => asked.method === 'POST' && asked.path === path);
const bodies = (path = PATH) => sent(path).map(({ body }) => JSON.parse(body) as Record<string, unknown>);
const listed = () => {
  const pressCase = shown()?.pressCase;
  return pressCase === undefined ? [] : acts.of(pressCase);
};

async function reported(): Promise<void> {
  await openPrompt();
  await pressReport();
}

describe('what is said after a report', () => {
  test('goes to the case of the report on the screen by its own ticket, and holds nothing that names a child or a case', async () => {
    await reported();
    bench.machine.go('follow', 'moved');
    acts.write('moved', { where: 'left', withWhom: '自称哥哥', since: '21:00' });
    acts.press('moved');
    await bench.settle();
    expect(sent()[0]?.headers).toMatchObject({ 'press-ticket': aPrompt().ticket, 'idempotency-key': expect.stringMatching(/^moved-prs_/) });
    expect(bodies()).toEqual([
      {
        mode: 'test',
        createdAt: expect.any(String),
        clockOffsetMs: expect.any(Number),
        source: 'manual',
        reporter: aPrompt().prefill.reporter,
        kind: 'follow-up',
        whereabouts: { status: 'left', withWhom: '自称哥哥', since: '2026-11-22T21:00:00+08:00' },
        suspicion: { observed: '去向变了：已离院' },
      },
    ]);
    expect(listed()).toMatchObject([{ code: 'moved', progress: { stage: 'submitted', number: SECOND.body.number } }]);
    expect(shown()?.session).toMatchObject({ view: 'followed', code: listed()[0]?.key });
    // The report itself is what it was.
    expect(shown()?.session.press).toMatchObject({ stage: 'submitted', number: TAKEN.body.number });
  });

  test.each([
    [
      'add',
      { text: '左前臂另有烫伤', danger: 'yes' },
      { kind: 'follow-up', suspicion: { observed: '左前臂另有烫伤' }, safety: { immediateDanger: 'yes' } },
    ],
    [
      'wrong-content',
      { text: '年龄应为12岁', statedAge: '12岁' },
      { kind: 'correction', suspicion: { observed: '年龄应为12岁' }, patient: { statedAge: '12岁' } },
    ],
    ['wrong-patient', {}, { kind: 'error-notice', errorReason: 'wrong-patient' }],
  ] as const)('%s is sent as what it is', async (code, form, body) => {
    await reported();
    bench.machine.go('follow', code);
    acts.write(code, form);
    acts.press(code);
    await bench.settle();
    expect(bodies()).toMatchObject([body]);
    expect(bodies()[0]).not.toHaveProperty('whereabouts');
  });

  test.each([
    ['add', { danger: 'unknown' }],
    ['moved', { withWhom: '外婆' }],
    ['wrong-content', { name: '' }],
  ] as const)('%s that says nothing yet is not sent', async (code, form) => {
    await reported();
    bench.machine.go('follow', code);
    acts.write(code, code === 'wrong-content' ? { name: aPrompt().prefill.patient?.name } : form);
    acts.press(code);
    await bench.settle();
    expect(sent()).toEqual([]);
    expect(shown()?.session).toMatchObject({ view: 'follow', code });
  });

  test('a double click is one report, and the next one of the same kind begins with an empty page', async () => {
    await reported();
    for (const text of ['一', '二']) {
      bench.machine.go('follow', 'add');
      expect(acts.form(aPrompt(), 'add')).toEqual({});
      acts.write('add', { text });
      acts.press('add');
      acts.press('add');
      await bench.settle();
    }
    expect(bodies().map(({ suspicion }) => suspicion)).toEqual([{ observed: '一' }, { observed: '二' }]);
    expect(new Set(sent().map(({ headers }) => headers['idempotency-key'])).size).toBe(2);
  });

  test('发错患者 has one key for its report, so that two pages make one notice', async () => {
    answerFollow = () => ({ status: 409, body: SECOND.body });
    await reported();
    bench.machine.go('follow', 'wrong-patient');
    acts.press('wrong-patient');
    await bench.settle();
    expect(sent()[0]?.headers['idempotency-key']).toBe('wrong-patient-prs_1');
    expect(listed()).toMatchObject([{ progress: { stage: 'submitted', number: SECOND.body.number, earlier: true } }]);
    bench.machine.go('follow', 'wrong-patient');
    acts.press('wrong-patient');
    await bench.settle();
    expect(sent()).toHaveLength(1);
    expect(shown()?.session.view).toBe('followed');
  });
});

describe('what has been pressed after a report', () => {
  test('is said to be submitted by the relay’s number alone, and is sent again under its key until somebody answers', async () => {
    const replies: Reply[] = [undefined, { status: 502 }, { status: 202 }, { status: 201, body: { state: 'held', pressId: 'x' } }];
    answerFollow = () => replies.shift();
    await reported();
    bench.machine.go('follow', 'add');
    acts.write('add', { text: '补充' });
    acts.press('add');
    await bench.settle();
    for (const stage of ['undelivered', 'undelivered', 'undelivered', 'held']) {
      expect(listed()[0]?.progress).toMatchObject({ stage, number: '' });
      // Leaving the page would lose it, as it would a first report.
      const { key = '' } = listed()[0] ?? {};
      expect(bench.machine.state.sessions[key]?.press?.stage).toBe(stage);
      await bench.advance(5_000);
    }
    expect(new Set(sent().map(({ headers, body }) => headers['idempotency-key'] + body)).size).toBe(1);
    expect(sent()).toHaveLength(4);
  });

  test('is refused, and sent again by another press', async () => {
    answerFollow = () => ({ status: 403, body: { code: 'ZD_ERR_SCOPE_MISSING' } });
    await reported();
    bench.machine.go('follow', 'add');
    acts.write('add', { text: '补充' });
    acts.press('add');
    await bench.settle();
    const [one] = listed();
    expect(one).toMatchObject({ own: true, progress: { stage: 'refused', code: 'ZD_ERR_SCOPE_MISSING' } });
    answerFollow = () => SECOND;
    acts.retry(one?.key ?? '');
    await bench.settle();
    expect(listed()[0]?.progress.stage).toBe('submitted');
  });

  test('in another page is found once the report is there, with how it stands', async () => {
    const followUps = [{ key: 'wrong-patient-prs_1', kind: 'error-notice', at: '2026-11-22T13:00:00Z', number: SECOND.body.number }];
    const line = { deliveryId: 'd', recipient: { kind: 'police', name: { zh: '公安', en: 'police' } }, state: 'accepted', acceptedAt: 'x' };
    const status = { headline: 'accepted', number: SECOND.body.number, lines: [line] };
    bench.answer = ({ path, method }) => {
      if (path === PATH && method === 'GET') return { status: 200, body: { followUps } };
      return path === '/v1/reports/wrong-patient-prs_1' ? { status: 200, body: status } : TAKEN;
    };
    await openPrompt();
    expect(listed()).toEqual([]);
    await bench.settle();
    expect(bench.asked.filter(({ path }) => path === PATH)).toEqual([]);
    await pressReport();
    listed();
    await bench.settle();
    expect(listed()).toMatchObject([{ code: 'wrong-patient', own: false, progress: { stage: 'submitted', status: { lines: [line] } } }]);
    expect(bench.asked.filter(({ path }) => path === PATH)).toHaveLength(1);
  });
});

describe('another chart, another child', () => {
  test('what was begun for one report stays with it, and is sent for it alone', async () => {
    await reported();
    bench.machine.go('follow', 'add');
    acts.write('add', { text: '女孩的补充' });
    bench.machine.setChart({ patientId: 'P2', visitId: 'V2' });
    expect(bench.machine.state.open).toBe(false);
    await openPrompt({ id: 'prm_2', pressId: 'prs_2', ticket: 'ticket-2', patient: { ...aPrompt().patient, id: 'P2' } });
    bench.machine.show('prm_2');
    await pressReport();
    bench.machine.go('follow', 'add');
    expect(acts.form({ ...aPrompt(), pressId: 'prs_2' }, 'add')).toEqual({});
    acts.write('add', { text: '男孩的补充' });
    acts.press('add');
    await bench.settle();
    expect(sent()).toEqual([]);
    const other = '/v1/reports/prs_2/follow-ups';
    expect(sent(other)[0]?.headers['press-ticket']).toBe('ticket-2');
    expect(bodies(other)).toMatchObject([{ suspicion: { observed: '男孩的补充' } }]);
    bench.machine.show('prm_1');
    expect(shown()).toMatchObject({ elsewhere: true, session: { view: 'follow', code: 'add' } });
    acts.press('add');
    await bench.settle();
    expect(bodies()).toMatchObject([{ suspicion: { observed: '女孩的补充' } }]);
  });

  test('a visit that has become another patient’s is said to be, and the report stays named by whom it was made for', async () => {
    await reported();
    expect(acts.of(aPrompt())).toEqual([]);
    await bench.settle();
    expect(acts.reportedFor(aPrompt())).toBeUndefined();
    const moved = aPrompt({ version: 9, state: 'reported', patient: { ...aPrompt().patient, id: 'P0099', maskedName: '李*花' } });
    await bench.tell(PROMPTS, moved);
    expect(shown()?.pressCase.patient.maskedName).toBe('李*花');
    expect(acts.reportedFor(moved)).toBe('张*婷');
  });

  test('… also when that was before this page was opened, as the gateway says', async () => {
    const before = bench.answer;
    const known = { followUps: [], reportedName: '王*', patientChanged: true };
    bench.answer = (asked) => (asked.method === 'GET' && asked.path === PATH ? { status: 200, body: known } : before(asked));
    await reported();
    acts.of(aPrompt());
    await bench.settle();
    expect(acts.reportedFor(aPrompt())).toBe('王*');
  });

  test('of reports one begins, the second does not get what was begun for the first', async () => {
    const manual = manualActs(bench.machine);
    let serial = 0;
    const before = bench.answer;
    bench.answer = (asked) => {
      if (asked.path !== '/v1/tickets') return before(asked);
      serial += 1;
      return { status: 200, body: { ...aPrompt(), pressId: `prs_m${serial}`, ticket: `ticket-m${serial}` } };
    };
    bench.machine.beginManual(false);
    for (const text of ['第一个孩子', '第二个孩子']) {
      manual.change({ text });
      await manual.confirm();
      await bench.settle();
      bench.machine.go('follow', 'add');
      if (serial === 1) {
        acts.write('add', { text: '没有发出的补充' });
        manual.again();
      }
    }
    expect(bench.machine.state.shown).toBe(MANUAL);
    expect(acts.form({ ...aPrompt(), pressId: 'prs_m2' }, 'add')).toEqual({});
    acts.write('add', { text: '第二个孩子的补充' });
    acts.press('add');
    await bench.settle();
    expect(sent('/v1/reports/prs_m1/follow-ups')).toEqual([]);
    expect(sent('/v1/reports/prs_m2/follow-ups')[0]?.headers['press-ticket']).toBe('ticket-m2');
  });
});

test.each([
  [[], false],
  [['stored', 'accepted'], false],
  [['attested', 'accepted'], false],
  [['accepted', 'accepted'], true],
])('recipients whose deliveries are %j have all stopped using a report: %s', (states, all) => {
  const lines = states.map((state) => ({ state }));
  const progress = {
    stage: 'submitted',
    number: '',
    code: '',
    earlier: false,
    status: { headline: 'stored', lines },
  } as unknown as PressProgress;
  expect(isStopped(progress)).toBe(all);
  expect(isStopped(undefined)).toBe(false);
});

test('one stream at most is open for what came after, and none when nobody looks', async () => {
  await reported();
  for (const text of ['一', '二']) {
    bench.machine.go('follow', 'add');
    acts.write('add', { text });
    acts.press('add');
    await bench.settle();
  }
  const open = () => bench.asked.filter(({ path, signal }) => /add-prs_.*\/events$/.test(path) && signal?.aborted === false);
  expect(open()).toHaveLength(1);
  bench.machine.go('status');
  await bench.settle();
  expect(open()).toHaveLength(1);
  bench.machine.stop();
  await bench.settle();
  expect(open()).toEqual([]);
  bench.machine.start();
  await bench.settle();
  expect(open()).toHaveLength(1);
});

test.each([
  ['21:40', '2026-11-22T21:45:00+08:00', '2026-11-22T21:40:00+08:00'],
  ['9：05', '2026-11-22T01:45:00Z', '2026-11-22T09:05:00+08:00'],
  ['2350', '2026-11-22T00:10:00+08:00', '2026-11-21T23:50:00+08:00'],
  ['刚才', '2026-11-22T21:45:00+08:00', '刚才'],
  ['25:00', '2026-11-22T21:45:00+08:00', '25:00'],
])('%s, said at %s, is %s', (text, now, instant) => {
  expect(instantOf(text, now)).toBe(instant);
});

describe('a colleague’s report of the same visit', () => {
  const NUMBER = '440232-261122-030009-1';
  const ADDED = `/v1/reports/${NUMBER}/follow-ups`;
  const beside = (addable = true) => {
    bench.answer = ({ path, method }) => {
      if (path === '/v1/reports/prs_1') return { status: 404 };
      if (path === ADDED && method === 'POST') return SECOND;
      return { status: 200, body: { followUps: [] } };
    };
    return openPrompt({ state: 'reported', reports: [{ number: NUMBER, at: '2026-11-22T13:02:00Z', addable }] });
  };

  test('takes one’s own words by its number and one’s own ticket, and their page goes on telling how they stand', async () => {
    await beside();
    expect(shown()?.session).toMatchObject({ view: 'reasons', press: undefined });
    bench.machine.go('follow', 'add');
    acts.write('add', { text: '左前臂另有烫伤' });
    acts.press('add');
    acts.press('add');
    await bench.settle();
    expect(sent(ADDED)).toHaveLength(1);
    expect(sent(ADDED)[0]?.headers).toMatchObject({ 'press-ticket': aPrompt().ticket });
    expect(bodies(ADDED)).toMatchObject([{ kind: 'follow-up', suspicion: { observed: '左前臂另有烫伤' } }]);
    expect(listed()).toMatchObject([{ code: 'add', progress: { stage: 'submitted', number: SECOND.body.number } }]);
    expect(sent('/v1/reports')).toEqual([]);
  });

  test('is asked once for what this person has added in other pages', async () => {
    await beside();
    listed();
    listed();
    await bench.settle();
    expect(bench.asked.filter(({ path, method }) => path === ADDED && method === 'GET')).toHaveLength(1);
  });

  test('goes on showing what this person has added once another visit speaks, and once they have made a report themselves', async () => {
    const added = { key: 'add-prs_9', kind: 'follow-up', at: '2026-11-22T13:05:00Z', number: SECOND.body.number };
    await beside(false);
    bench.answer = ({ path }) => {
      if (path === '/v1/reports') return TAKEN;
      if (path === PATH) return { status: 200, body: { followUps: [added] } };
      return { status: 404 };
    };
    listed();
    await bench.settle();
    expect(listed()).toMatchObject([{ key: added.key, code: 'add', progress: { number: added.number } }]);
    await pressReport();
    expect(listed()).toMatchObject([{ key: added.key }]);
  });

  test('that cannot be added to takes nothing', async () => {
    await beside(false);
    bench.machine.go('follow', 'add');
    acts.write('add', { text: '左前臂另有烫伤' });
    acts.press('add');
    await bench.settle();
    expect(bench.asked.filter(({ path }) => path.endsWith('/follow-ups'))).toEqual([]);
    expect(shown()?.session).toMatchObject({ view: 'follow' });
  });
});
