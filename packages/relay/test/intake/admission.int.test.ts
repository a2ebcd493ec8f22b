import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { reconcileLedger } from '../../src/index.js';
import { aReport, FACILITY, type Fixture, makeFixture } from '../support/fixture.js';

/** Fewer than the relay has connections. */
const UNDER_WAY_MAX = 4;
const PRESSES = 120;
const TRIES_MAX = 1_000;

let fixture: Fixture;
let address = '';
beforeAll(async () => {
  fixture = await makeFixture({ relay: { pressesUnderWayMax: UNDER_WAY_MAX } });
  await fixture.start();
  const { port } = fixture.relay.app.server.address() as { port: number };
  address = `http://127.0.0.1:${port}`;
}, 120_000);
afterAll(async () => fixture.close());

interface Press {
  readonly headers: Record<string, string>;
  readonly body: string;
}

async function aPress(): Promise<Press> {
  return { headers: await fixture.headers(), body: JSON.stringify(aReport()) };
}

async function post({ headers, body }: Press): Promise<{ status: number; retryAfter: string | null; json: Record<string, unknown> }> {
  const response = await fetch(`${address}/v1/reports`, { method: 'POST', headers, body });
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    json: (await response.json()) as Record<string, unknown>,
  };
}

async function reportsWritten(): Promise<{ reports: number; pressIds: Set<string> }> {
  const rows = await fixture.database.db.selectFrom('reports').select('press_id').where('facility', '=', FACILITY).execute();
  return { reports: rows.length, pressIds: new Set(rows.map(({ press_id: pressId }) => pressId)) };
}

test('INV-2 more presses at once than a process has places for: 503 with Retry-After before anything is taken, and none is lost when they come again', async () => {
  const presses = await Promise.all(Array.from({ length: PRESSES }, aPress));
  const first: { press: Press; answer: Awaited<ReturnType<typeof post>> }[] = [];
  // Nobody can read the reports, so that those who have a place keep it.
  const gate = await fixture.database.pool.connect();
  await gate.query('begin; lock table reports in access exclusive mode');
  const all = presses.map(async (press) => {
    first.push({ press, answer: await post(press) });
  });
  await waitUntil(() => first.length === PRESSES - UNDER_WAY_MAX, { what: 'all without a place are answered', deadlineMs: 120_000 });
  const refused = [...first];
  for (const { answer } of refused) expect(answer).toMatchObject({ status: 503, retryAfter: '1', json: { code: 'ZD_ERR_BUSY' } });
  await gate.query('rollback');
  gate.release();
  await Promise.all(all);
  const taken = first.slice(refused.length);
  expect(taken.map(({ answer }) => answer.status)).toEqual(taken.map(() => 202));
  const keys = (of: typeof first): Set<string> => new Set(of.map(({ press }) => press.headers['idempotency-key'] ?? ''));
  expect(await reportsWritten()).toEqual({ reports: taken.length, pressIds: keys(taken) });

  // They come again all at once, and so often that the process is never idle.
  let tries = 0;
  for (let left = refused.map(({ press }) => press); left.length > 0; tries += 1) {
    expect(tries).toBeLessThan(TRIES_MAX);
    const answers = await Promise.all(left.map(async (press) => ({ press, ...(await post(press)) })));
    expect(answers.filter(({ status }) => status !== 202 && status !== 503)).toEqual([]);
    left = answers.filter(({ status }) => status === 503).map(({ press }) => press);
  }
  expect(await reportsWritten()).toEqual({ reports: PRESSES, pressIds: keys(first) });
  expect((await reconcileLedger(fixture.database.pool)).differences).toEqual([]);
  const metrics = await (await fetch(`${address}/metrics`)).text();
  expect(metrics).toContain(`zhida_relay_intake_total{result="accepted"} ${PRESSES}`);
  expect(metrics).toMatch(/zhida_relay_intake_total\{result="busy"\} [1-9]/);
  expect(metrics).toContain('zhida_relay_presses_under_way 0');
}, 300_000);

test('a sender that is slow with its body keeps no place', async () => {
  const { hostname, port } = new URL(address);
  const { headers, body } = await aPress();
  const slow: Socket[] = [];
  onTestFinished(() => {
    for (const socket of slow) socket.destroy();
  });
  for (let index = 0; index < UNDER_WAY_MAX * 2; index += 1) {
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    socket.write(
      ['POST /v1/reports HTTP/1.1', 'host: x', ...lines, `content-length: ${Buffer.byteLength(body)}`, '', body.slice(0, 20)].join('\r\n'),
    );
    slow.push(socket);
  }
  expect((await post(await aPress())).status).toBe(202);
});

test('a relay that would work on nothing does not start', async () => {
  await expect(fixture.another({ pressesUnderWayMax: 0 })).rejects.toMatchObject({
    code: 'ZD_ERR_OPTION_INVALID',
    at: 'pressesUnderWayMax',
  });
});
