import { beforeEach, expect, test } from 'vitest';
import { type ManualActs, manualActs } from '../src/more/manual-acts.js';
import { MANUAL } from '../src/machine/state.js';
import { TAKEN } from './support/acts.js';
import { type Bench, makeBench, type Reply } from './support/gateway.js';
import { aPrompt } from './support/prompts.js';

const [GIRL, BOY] = [
  { patientId: 'P1', visitId: 'V1' },
  { patientId: 'P2', visitId: 'V2' },
];

let bench: Bench;
let acts: ManualActs;
beforeEach(() => {
  bench = makeBench();
  acts = manualActs(bench.machine);
  bench.machine.setChart(GIRL);
});

const manual = () => bench.machine.state.manual;
const press = () => bench.machine.state.sessions[MANUAL]?.press;
const asked = (path: string) => bench.asked.filter((one) => one.path === path);
const reported = () => asked('/v1/reports').map(({ body }) => JSON.parse(body));

/** A case of the visit that was asked about, as the gateway opens one. */
function opened(body: string, serial = asked('/v1/tickets').length): Reply {
  const { encounterId = '' } = JSON.parse(body) as { encounterId?: string };
  const { prefill } = aPrompt();
  return { status: 200, body: { ...aPrompt(), pressId: `prs_${serial}`, prefill: { ...prefill, patient: { name: encounterId } } } };
}
const works = ({ path, body }: { path: string; body: string }): Reply => (path === '/v1/tickets' ? opened(body) : TAKEN);

test('a press while the gateway is still asked for the patient is no press lost', async () => {
  let answer: (reply: Reply) => void = () => undefined;
  bench.answer = ({ path }) => (path === '/v1/tickets' ? new Promise((resolve) => (answer = resolve)) : TAKEN);
  bench.machine.beginManual(false);
  void acts.prepare();
  acts.change({ text: '背部条状伤痕' });
  void acts.confirm();
  await bench.settle();
  answer(opened(asked('/v1/tickets')[0]?.body ?? ''));
  await bench.settle();
  expect(press()?.stage).toBe('submitted');
  expect(asked('/v1/tickets')).toHaveLength(1);
  expect(reported()).toMatchObject([{ patient: { name: 'V1' }, suspicion: { observed: '背部条状伤痕' } }]);
});

test('a press goes on being tried for the child it was made for, whatever chart is opened meanwhile, and once', async () => {
  bench.machine.beginManual(false);
  bench.answer = () => undefined;
  acts.change({ text: '背部条状伤痕' });
  await acts.confirm();
  expect(manual()).toMatchObject({ pressed: true, gateway: 'away' });
  bench.machine.setChart(BOY);
  bench.machine.beginManual(false);
  bench.answer = works;
  await bench.advance(6_000);
  expect(press()?.stage).toBe('submitted');
  expect(reported()).toMatchObject([{ patient: { name: 'V1' } }]);
  await bench.advance(60_000);
  expect(reported()).toHaveLength(1);
});

test('what is changed after a press that did not get through is sent by another press alone', async () => {
  bench.machine.beginManual(false);
  bench.answer = () => undefined;
  acts.change({ text: '一' });
  await acts.confirm();
  bench.answer = works;
  acts.change({ text: '一句没写完' });
  await bench.advance(60_000);
  expect(reported()).toEqual([]);
  await acts.confirm();
  await bench.settle();
  expect(reported()).toMatchObject([{ suspicion: { observed: '一句没写完' } }]);
});

test('another child never gets what the gateway answers late about the current patient', async () => {
  let answer: (reply: Reply) => void = () => undefined;
  bench.answer = () => new Promise((resolve) => (answer = resolve));
  bench.machine.beginManual(false);
  void acts.prepare();
  await bench.settle();
  acts.change({ subject: 'another' });
  answer(opened(asked('/v1/tickets')[0]?.body ?? ''));
  await bench.settle();
  expect(manual()?.pressCase).toBeUndefined();
  bench.answer = works;
  acts.change({ name: '陈小明', text: '一句' });
  await acts.confirm();
  await bench.settle();
  expect(JSON.parse(asked('/v1/tickets')[1]?.body ?? '')).toEqual({ encounterId: '' });
  expect(reported()).toMatchObject([{ patient: { name: '陈小明' } }]);
});

test('a page on which nobody has written is about the chart that is open now; what is written stays with its child', async () => {
  bench.answer = works;
  bench.machine.beginManual(false);
  await acts.prepare();
  bench.machine.setChart(BOY);
  bench.machine.beginManual(false);
  await acts.prepare();
  expect(manual()?.pressCase?.prefill.patient).toEqual({ name: 'V2' });
  acts.change({ text: '一句' });
  bench.machine.setChart(GIRL);
  bench.machine.beginManual(false);
  expect(manual()).toMatchObject({ text: '一句', visitId: 'V2' });
});

test('a sign-in that has ended leaves nobody called the current patient', async () => {
  bench.machine.beginManual(false);
  bench.answer = ({ path }) => (path === '/v1/tickets' ? { status: 401 } : TAKEN);
  acts.change({ text: '一句' });
  await acts.confirm();
  expect(manual()).toMatchObject({ typed: true, subject: 'another', pressed: false });
});

test('a held report lets the next child be reported, and is itself still learnt to be submitted', async () => {
  bench.answer = ({ path, body }) => (path === '/v1/tickets' ? opened(body) : { status: 201, body: { state: 'held' } });
  bench.machine.beginManual(false);
  acts.change({ text: '第一个孩子' });
  await acts.confirm();
  await bench.settle();
  expect(press()?.stage).toBe('held');
  acts.again();
  expect(manual()).toMatchObject({ text: '', pressed: false, pressCase: undefined });
  acts.change({ text: '第二个孩子' });
  await acts.confirm();
  await bench.settle();
  expect(reported().map(({ suspicion }) => suspicion.observed)).toEqual(['第一个孩子', '第二个孩子']);
  bench.answer = ({ path }) => ({ status: 200, body: path === '/v1/reports/prs_1' ? { ...TAKEN.body, lines: [] } : { lines: [] } });
  await bench.advance(20_000);
  expect(bench.machine.state.sessions['prs_1']?.press?.stage).toBe('submitted');
});

test('the time of a report without prompts is the gateway’s too', async () => {
  bench.answer = ({ path, body }) =>
    path === '/v1/tickets' ? { status: 200, ...opened(body), date: 'Sun, 22 Nov 2026 15:05:00 GMT' } : TAKEN;
  bench.machine.beginManual(true);
  acts.change({ text: '一句', staffId: 'B77' });
  await acts.confirm();
  await bench.settle();
  expect(reported()).toMatchObject([{ createdAt: '2026-11-22T15:05:00.000Z', clockOffsetMs: -7_200_000 }]);
});
