import { waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AddressInfo } from 'node:net';
import type { ReportStatus } from '../src/index.js';
import { type Fixture, makeFixture } from './support/fixture.js';
import { answers, stores } from './support/scripted-agency.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture({ relay: { delivery: { sweepEveryMs: 100 } } });
  await fixture.relay.start();
});
afterAll(async () => fixture.close());

interface Stream {
  readonly events: { id: number; status: ReportStatus }[];
  close(): void;
}

async function follow(reportId: string, port: number, lastEventId?: number): Promise<Stream> {
  const controller = new AbortController();
  const response = await fetch(`http://127.0.0.1:${port}/v1/reports/${reportId}/events`, {
    headers: {
      authorization: `Bearer ${await fixture.assertion('report:read')}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }),
    },
    signal: controller.signal,
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const events: Stream['events'] = [];
  void read(response, events).catch(() => undefined);
  return { events, close: () => controller.abort() };
}

async function read(response: Response, events: Stream['events']): Promise<void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = Object.fromEntries(
        text
          .slice(0, end)
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
      );
      text = text.slice(end + 2);
      if (fields['event'] === 'status') events.push({ id: Number(fields['id']), status: JSON.parse(fields['data'] ?? '') as ReportStatus });
    }
  }
}

const portOf = (server: { address(): AddressInfo | string | null }): number => (server.address() as AddressInfo).port;

test('a stream shows each step of a report in order, and one that broke goes on where it stopped', async () => {
  const port = portOf(fixture.relay.app.server);
  fixture.police.behave = answers(500);
  const { reportId } = (await fixture.press()).json<{ reportId: string }>();
  const first = await follow(reportId, port);
  await waitUntil(() => first.events.some(({ status }) => status.lines.some(({ lastOutcome }) => lastOutcome === 'unknown')), {
    what: 'the failed attempt is shown',
  });
  first.close();
  const seen = first.events.at(-1)?.id ?? 0;

  fixture.police.behave = stores;
  fixture.clock.advance(5_000);
  const second = await follow(reportId, port, seen);
  await waitUntil(() => second.events.at(-1)?.status.lines.every(({ state }) => state === 'stored'), { what: 'both lines are stored' });
  second.close();
  const ids = [...first.events, ...second.events].map(({ id }) => id);
  expect(ids).toEqual([...ids].sort((a, b) => a - b));
  expect(new Set(ids).size).toBe(ids.length);
  expect(second.events[0]?.id).toBe(seen + 1);

  const whole = await follow(reportId, port, 0);
  await waitUntil(() => whole.events.length === (second.events.at(-1)?.id ?? 0), { what: 'every step is shown again' });
  expect(whole.events.map(({ id }) => id)).toEqual(whole.events.map((_, index) => index + 1));
  expect(whole.events[0]?.status.headline).toBe('submitted');
  expect(whole.events.at(-1)?.status.headline).toBe('stored');
  whole.close();
});

test('a stream at another process of the same ledger hears of it too', async () => {
  const other = await fixture.another({ listen: { host: '127.0.0.1', port: 0 } });
  await other.start();
  fixture.police.behave = answers(500);
  const { reportId } = (await fixture.press()).json<{ reportId: string }>();
  const stream = await follow(reportId, portOf(other.app.server));
  fixture.police.behave = stores;
  fixture.clock.advance(5_000);
  await waitUntil(() => stream.events.at(-1)?.status.headline === 'stored', { what: 'the other process shows it' });
  stream.close();
});

test('a stream of another facility’s report, without a credential or with one past its time is refused', async () => {
  const { reportId } = (await fixture.press()).json<{ reportId: string }>();
  const status = async (authorization: string | undefined): Promise<number> =>
    (
      await fixture.relay.app.inject({
        url: `/v1/reports/${reportId}/events`,
        headers: authorization === undefined ? {} : { authorization },
      })
    ).statusCode;
  expect(await status(undefined)).toBe(401);
  expect(await status(`Bearer ${await fixture.assertion('report:read', { now: fixture.clock.now() - 3_600_000 })}`)).toBe(401);
  expect(await status(`Bearer ${await fixture.assertion('report:create')}`)).toBe(403);
  const missing = await fixture.relay.app.inject({
    url: '/v1/reports/rpt_00000000000000000000000000/events',
    headers: { authorization: `Bearer ${await fixture.assertion('report:read')}` },
  });
  expect(missing.statusCode).toBe(404);
});
