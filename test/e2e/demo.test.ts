import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@zhida/core';
import { openDatabase } from '@zhida/database';
import { startEmbeddedPostgres } from '@zhida/database/embedded';
import { waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_FEEDS } from '../../examples/county-demo/src/feeds.js';
import { chartsOfDay } from '../../examples/county-demo/src/his/day.js';
import { demoDeployment } from '../support/demo-deployment.js';
import { EARLY_FAREWELL, pressCtrlC, removeRun, startBuiltDemo, startDemo } from '../support/demo-run.js';

const CHECKOUT = join(import.meta.dirname, '../..');
const BASE_PORT = 17_200;
const RUN_MS = 180_000;

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Every private value of a key directory, as it would look if it leaked. */
function privateValues(keysFile: string): string[] {
  return [...readFileSync(keysFile, 'utf8').matchAll(/"d"\s*:\s*"([\w-]{20,})"/g)].map((match) => match[1] ?? '');
}

describe('the first journey, as a stranger runs it', () => {
  let directory = '';
  let deployed: readonly string[] = [];
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'zhida-demo-'));
    deployed = await demoDeployment();
  });
  afterAll(() => removeRun(directory));

  test(
    'demo --once verifies every step and ends with 0; a second start finds its data again',
    async () => {
      // A result that was taken back at the first start is in the chart at the second.
      for (const [start, red, startIt] of [
        ['first', 10, startDemo],
        ['second', 11, startBuiltDemo],
      ] as const) {
        const run = await startIt(directory, BASE_PORT, ...deployed, '--once');
        const code = await run.ended;
        expect(run.output(), start).toContain('every step was verified');
        expect(code, start).toBe(0);
        for (const { title } of DEMO_FEEDS) {
          expect(run.output(), start).toMatch(
            new RegExp(`✓ ${title} — \\d+ messages received, \\d+ visits assessed, 0 set aside; red \\d+, orange \\d, as expected`),
          );
        }
        expect(run.output(), start).toMatch(new RegExp(`encounters {3}60 assessed, every one as expected; red ${red}, orange 3`));
      }
    },
    RUN_MS,
  );

  test('everything the demo writes is closed to others: folders 0700, files 0600', () => {
    // The cluster's own folder keeps the modes PostgreSQL and its account need; it has tests of its own.
    const open = readdirSync(directory, { withFileTypes: true, recursive: true })
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.startsWith(join(directory, 'postgres')))
      .filter((path) => (statSync(path).mode & 0o777) !== (statSync(path).isDirectory() ? 0o700 : 0o600));
    expect(open).toEqual([]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  test(
    'the relay’s files and rows hold no private key of an agency or the HIS',
    async () => {
      const secrets = ['his', 'police', 'civil-affairs'].flatMap((name) => privateValues(join(directory, 'keys', name, 'keys.json')));
      expect(secrets.length).toBeGreaterThanOrEqual(5);
      const held = [...filesUnder(join(directory, 'keys', 'relay')), ...filesUnder(join(directory, 'data', 'relay'))].map((file) =>
        readFileSync(file, 'latin1'),
      );
      held.push(await rowsOf(directory, ['zhida_relay']));
      for (const secret of secrets) expect(held.some((text) => text.includes(secret))).toBe(false);
    },
    RUN_MS,
  );

  test(
    'INV-11 no name of a child or of the doctor stands in logs, audit files or any row of any database',
    async () => {
      const names = chartsOfDay(systemClock.now()).map(({ patient }) => patient.name);
      expect(new Set(names).size).toBe(60);
      // The HIS keeps charts and the branch exports rows: that is theirs. Everything else is ours.
      const places = ['logs', 'data/gateway', 'data/relay', 'exchange'].flatMap((folder) => filesUnder(join(directory, folder)));
      const texts = [
        ...places.map((file) => readFileSync(file, 'utf8')),
        await rowsOf(directory, ['zhida_gateway', 'zhida_relay', 'zhida_police', 'zhida_civil_affairs']),
      ];
      for (const name of [...names, '李医生']) {
        // A row shows its byte columns in hexadecimal: what was stored there unsealed would be seen only so.
        const inBytes = Buffer.from(name).toString('hex');
        expect(texts.filter((text) => text.includes(name) || text.includes(inBytes))).toEqual([]);
      }
    },
    RUN_MS,
  );

  test(
    'a taken port is named together with the option that changes it',
    async () => {
      const blocker = createServer();
      await new Promise<void>((resolve) => blocker.listen(BASE_PORT + 11, '127.0.0.1', resolve));
      const run = await startBuiltDemo(directory, BASE_PORT, ...deployed, '--once');
      const code = await run.ended;
      await new Promise((resolve) => blocker.close(resolve));
      expect(code).not.toBe(0);
      expect(run.output()).toContain(String(BASE_PORT + 11));
      expect(run.output()).toContain('--base-port');
    },
    RUN_MS,
  );
});

describe('Ctrl-C before anything stands', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'zhida-demo-'));
  });
  afterAll(() => removeRun(directory));

  test('while the demo is still being loaded, says good-bye and ends with 0', async () => {
    const stillLoading = "process.stdout.write('loading'); setInterval(() => {}, 1_000)";
    const child = spawn(process.execPath, ['--import', EARLY_FAREWELL, '--eval', stillLoading], { cwd: CHECKOUT });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
    await waitUntil(() => text.includes('loading'), { what: 'the child to be up' });
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(text).toContain('stopped before anything was started');
  });

  test(
    'in its first step, stops what it has begun, calls nothing a failure and ends with 0',
    async () => {
      const run = await startBuiltDemo(directory, BASE_PORT);
      await waitUntil(() => existsSync(join(directory, 'demo.lock.json')), { deadlineMs: 60_000, what: 'the demo to begin' });
      expect(await pressCtrlC(run)).toBe(0);
      expect(run.output()).toContain('stopped; the next start finds its data again');
      expect(run.output()).not.toContain('✗');
      expect(existsSync(join(directory, 'demo.lock.json'))).toBe(false);
    },
    RUN_MS,
  );
});

/** Every row of every table of these databases as text, sealed columns in hexadecimal as they are. */
async function rowsOf(directory: string, databases: readonly string[]): Promise<string> {
  const server = await startEmbeddedPostgres({ directory: join(directory, 'postgres'), stateFile: join(directory, 'database.json') });
  try {
    const texts: string[] = [];
    for (const database of databases) {
      const { url } = await server.ensureDatabase({ database, role: database });
      const open = openDatabase({ url });
      const tables = await open.pool.query<{ name: string }>(
        `select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`,
      );
      for (const { name } of tables.rows) {
        const { rows } = await open.pool.query<{ row: string }>(`select t::text as row from ${name} t`);
        texts.push(...rows.map(({ row }) => row));
      }
      await open.close();
    }
    return texts.join('\n');
  } finally {
    await server.stop();
  }
}
