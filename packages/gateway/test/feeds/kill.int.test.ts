import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type MllpAnswer, sendMllp } from '@zhida/hl7v2/mllp';
import { endChild, waitUntil } from '@zhida/testkit';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { builtScript } from '../../../../test/fault/support/built-script.js';
import { FACILITY, type Fixture, makeFixture, only } from '../support/fixture.js';
import { GIRL, hcgResult } from './support/messages.js';

const SCRIPT = fileURLToPath(new URL('support/gateway-child.ts', import.meta.url));

let fixture: Fixture;
let dataDirectory: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  fixture = await makeFixture();
  dataDirectory = await mkdtemp(join(tmpdir(), 'zhida-killed-gateway-'));
});
afterAll(async () => {
  await fixture.close();
  await rm(dataDirectory, { recursive: true, force: true });
});
beforeEach(async () => fixture.reset());
afterEach(async () => {
  await Promise.all(children.splice(0).map(kill));
});

const kill = (child: ChildProcess): Promise<void> => endChild(child, 'SIGKILL');

/** Starts a gateway of its own on the fixture's database; gives its MLLP port. */
async function startGateway(): Promise<{ child: ChildProcess; port: number }> {
  const { database, parties } = fixture;
  const url = String((database.pool.options as pg.PoolConfig).connectionString);
  const program = await builtScript(SCRIPT);
  const child = spawn(process.execPath, [program, url, parties.gateway.directory, dataDirectory, JSON.stringify(FACILITY)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => ['0'])])) as [Buffer | string];
  return { child, port: Number(String(line).trim()) };
}

const exchange = (port: number, message: string, until: 'first' | 'application'): Promise<MllpAnswer> =>
  sendMllp({ host: '127.0.0.1', port, message, until, timeoutMs: 30_000 });

test('killed between commit and acknowledgement: the message is on disk, its repeat is answered AA, and it has one effect', async () => {
  const { child, port } = await startGateway();
  const text = hcgResult(GIRL, { controlId: 'L1' }, '12500');
  const blocker = new pg.Client({ connectionString: String((fixture.database.pool.options as pg.PoolConfig).connectionString) });
  await blocker.connect();
  // Folding waits for this lock, so the kill comes after the commit and before any answer.
  await blocker.query('begin; lock table folded_visits in access exclusive mode');
  const cut = exchange(port, text, 'application').catch((error: unknown) => error);
  await waitUntil(async () => (await fixture.rows('select 1 from feed_messages')).length === 1, { what: 'the message is committed' });
  await kill(child);
  expect(await cut).toMatchObject({ code: 'ZD_ERR_MLLP' });
  await blocker.end();

  const again = await startGateway();
  expect((await exchange(again.port, text, 'application')).code).toBe('AA');
  const first = await exchange(again.port, text, 'application');
  await kill(again.child);
  const third = await startGateway();
  expect(Buffer.from((await exchange(third.port, text, 'application')).bytes)).toEqual(Buffer.from(first.bytes));
  expect(await fixture.rows('select status, ack_code from feed_messages')).toEqual([{ status: 'processed', ack_code: 'AA' }]);
  expect(await fixture.rows('select revision from encounters')).toEqual([{ revision: 1 }]);
  expect(await fixture.rows('select kind from prompt_events')).toEqual([{ kind: 'shown' }]);
  expect(only(await fixture.prompts()).level).toBe('red');
  // Three gateways are started one after the other.
}, 180_000);

test('killed between CA and AA: what was acknowledged is worked on without the sender, and its repeat gets the CA it had', async () => {
  const { child, port } = await startGateway();
  const text = hcgResult(GIRL, { controlId: 'L2', accept: 'AL', application: 'AL' }, '12500');
  const blocker = new pg.Client({ connectionString: String((fixture.database.pool.options as pg.PoolConfig).connectionString) });
  await blocker.connect();
  await blocker.query('begin; lock table folded_visits in access exclusive mode');
  const accepted = await exchange(port, text, 'first');
  expect(accepted.code).toBe('CA');
  await kill(child);
  await blocker.end();
  const again = await startGateway();
  await waitUntil(async () => (await fixture.prompts()).length === 1, { what: 'the prompt is raised without the sender' });
  expect(Buffer.from((await exchange(again.port, text, 'first')).bytes)).toEqual(Buffer.from(accepted.bytes));
  expect((await exchange(again.port, text, 'application')).code).toBe('AA');
  expect(await fixture.rows('select revision from encounters')).toEqual([{ revision: 1 }]);
}, 180_000);
