import { beforeEach, describe, expect, test } from 'vitest';
import { TAKEN, actsOn, startBench } from './support/acts.js';
import type { Bench } from './support/gateway.js';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
const { told, presses, shown, openPrompt, pressReport } = actsOn(() => bench);

describe('a press, when the gateway has more to say of it', () => {
  test('INV-2 that the relay refuses afterwards is refused on the screen, and is sent again when its person wishes', async () => {
    await openPrompt();
    bench.answer = ({ path }) => (path === '/v1/reports' ? { status: 201, body: { state: 'held' } } : { status: 200 });
    await pressReport();
    await bench.tell('/v1/reports/prs_1/events', { headline: 'held', pressId: 'prs_1', refused: 'status-403', lines: [] });
    expect(shown()?.session.press).toMatchObject({ stage: 'refused', code: 'status-403' });
    bench.machine.retry();
    await bench.settle();
    expect(shown()?.session.press?.stage).toBe('held');
    // The gateway has nothing new to say; a stream that is opened again says how it stands.
    await bench.tell('/v1/reports/prs_1/events', { headline: 'held', pressId: 'prs_1', refused: 'status-403', lines: [] });
    expect(told('/v1/reports/prs_1/events')).toHaveLength(2);
    expect(shown()?.session.press?.stage).toBe('refused');
    bench.answer = ({ path }) => (path === '/v1/reports' ? TAKEN : { status: 200 });
    bench.machine.retry();
    await bench.settle();
    expect(new Set(presses().map(({ body }) => body)).size).toBe(1);
    expect(shown()?.session.press?.stage).toBe('submitted');
  });

  test('that was made in another page and is refused afterwards leaves S1, and is pressed anew', async () => {
    bench.answer = ({ path }) => (path === '/v1/reports/prs_1' ? { status: 200, body: { lines: [] } } : { status: 200 });
    await openPrompt({ state: 'reported' });
    expect(shown()?.session).toMatchObject({ view: 'status', press: { stage: 'held' } });
    await bench.tell('/v1/reports/prs_1/events', { headline: 'held', pressId: 'prs_1', refused: 'status-403', lines: [] });
    expect(shown()?.session).toMatchObject({ view: 'reasons', press: undefined });
    bench.answer = () => TAKEN;
    await pressReport();
    expect(shown()?.session.press?.stage).toBe('submitted');
  });

  test('of which no prompt tells is counted when somebody sits down, and when the page is seen again', async () => {
    bench.answer = ({ path }) => (path === '/v1/reports/refused' ? { status: 200, body: { refused: [{}, {}] } } : { status: 200 });
    bench.machine.stop();
    bench.machine.start();
    await bench.settle();
    expect(bench.machine.state.refused).toBe(2);
  });

  test.each([
    ['held', { lines: [] }],
    ['submitted', { number: '440232-261122-030007-5' }],
  ])('that is found to be %s after the page was left opens no stream, and one when the page is looked at again', async (stage, body) => {
    let answerOwn = (_reply: { status: number; body: object }): void => undefined;
    const own = new Promise<{ status: number; body: object }>((resolve) => {
      answerOwn = resolve;
    });
    bench.answer = ({ path }) => (path === '/v1/reports/prs_1' ? own : { status: 200 });
    await openPrompt({ state: 'reported' });
    bench.machine.stop();
    answerOwn({ status: 200, body });
    await bench.settle();
    expect(shown()?.session.press?.stage).toBe(stage);
    expect(told('/v1/reports/prs_1/events')).toEqual([]);
    bench.machine.start();
    await bench.settle();
    expect(told('/v1/reports/prs_1/events')).toHaveLength(1);
  });
});
