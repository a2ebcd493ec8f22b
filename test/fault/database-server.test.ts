import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createId } from '@zhida/core';
import { openDatabase } from '@zhida/database';
import type { RelaySchema } from '@zhida/relay';
import { type FrozenClock, frozenClock, waitUntil } from '@zhida/testkit';
import { stringify } from 'yaml';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Backlog, BACKLOG_DELIVERY, backlogOf } from './support/backlog.js';
import { builtScript } from './support/built-script.js';
import { type County, openCounty } from './support/county.js';
import { halvesOf } from './support/ledger-checks.js';
import { type OwnPostgres, ownPostgres } from './support/own-postgres.js';
import { FACILITY, profile } from './support/profile.js';
import { type RelayHere, relayHere } from './support/relay-here.js';

// A quarter of it is enough on a machine that does nothing else.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const DEADLINE = { deadlineMs: 60_000 };
const REFUSED = { status: 503, code: 'ZD_ERR_DATABASE_UNAVAILABLE', retryAfter: '1' };
const LOG_SWITCHES_MAX = 8;

let own: OwnPostgres;
let ledgerUrl: string;
let clock: FrozenClock;
let county: County;
let backlog: Backlog;
let running: RelayHere | undefined;

beforeAll(async () => {
  own = await ownPostgres();
  ({ url: ledgerUrl } = await own.server().ensureDatabase({ database: 'zhida_relay', role: 'zhida_relay' }));
  clock = frozenClock('2026-11-22T20:30:00+08:00');
  county = await openCounty(clock, { ledgerUrl });
  backlog = backlogOf(county, clock, 3);
});
afterEach(async () => {
  await running?.close();
  running = undefined;
});
afterAll(async () => {
  await county.close();
  await own.close();
});

describe('INV-1 the disk of the ledger is full, down to the last byte', () => {
  /** Presses until one is refused. @returns its id */
  async function untilRefused(here: RelayHere): Promise<string> {
    return waitUntil(
      async () => {
        const pressId = `press-${createId('prs')}`;
        const { status, code, retryAfter } = await backlog.pressOne(here.url(), pressId);
        if (status === 202) return undefined;
        expect({ status, code, retryAfter }).toEqual(REFUSED);
        return pressId;
      },
      { what: 'the disk takes no more', ...DEADLINE },
    );
  }

  /** What is shown as stored, the agency has signed for. */
  async function nothingFalse(): Promise<void> {
    const { rows } = await county.ledger.pool.query<{ delivery_id: string }>(`select delivery_id from deliveries where state <> 'open'`);
    const signed = new Set([county.police, county.civilAffairs].flatMap(({ receipts }) => [...receipts.keys()]));
    expect(rows.filter(({ delivery_id }) => !signed.has(delivery_id))).toEqual([]);
    expect(await halvesOf(county.ledger)).toEqual([]);
  }

  test('INV-1 a press is refused with 503 and Retry-After and leaves nothing; with room again it is taken, and every 202 is there', async ({
    skip,
  }) => {
    if (!own.small) {
      process.stderr.write('skipped: a small file system cannot be mounted here: a disk that is full\n');
      skip('a small file system cannot be mounted here');
    }
    const database = openDatabase<RelaySchema>({ url: ledgerUrl });
    running = await relayHere(county, { database, queue: { backend: 'postgres', url: ledgerUrl }, delivery: BACKLOG_DELIVERY });
    await running.relay.start();
    await backlog.pressAll(running.url());
    // A new connection may need a file, and there is no room for one: those that look on stay open.
    county.ledger.pool.options.min = 2;
    await nothingFalse();
    await own.fill();
    const refused = [await untilRefused(running), await untilRefused(running)];
    await nothingFalse();
    // Until here tables could not grow. Now the write-ahead log cannot either, and the server ends over it.
    await logFull(running, refused);
    await own.free();
    for (const pressId of refused)
      await waitUntil(async () => (await backlog.pressOne(running?.url() ?? '', pressId)).status === 202, {
        what: 'the press that was refused is taken',
        ...DEADLINE,
      });
    await nothingFalse();
    await backlog.allDelivered(running);
  });

  async function logFull(here: RelayHere, refused: string[]): Promise<void> {
    let ended = false;
    for (let times = 0; times < LOG_SWITCHES_MAX && !ended; times += 1) {
      ended = await own.administrate('select pg_switch_wal()').then(
        () => false,
        () => true,
      );
      refused.push(await untilRefused(here));
    }
    expect(ended).toBe(true);
  }
});

describe('INV-1 a database that may lose a committed row', () => {
  /** Starts `zhida relay` as its operator does, over this database. */
  async function startRelay(): Promise<{ code: number | null; output: string }> {
    await mkdir(county.dataDirectory, { recursive: true });
    const folder = await mkdtemp(join(county.dataDirectory, 'relay-'));
    await writeFile(join(folder, 'database'), `${ledgerUrl}\n`);
    await writeFile(join(folder, 'profile.json'), JSON.stringify(profile));
    const relay = {
      keys: county.relayKeys.directory,
      data: 'data',
      database: 'database',
      listen: { host: '127.0.0.1', port: 0 },
      profile: 'profile.json',
      facilities: [FACILITY],
    };
    await writeFile(join(folder, 'zhida.yaml'), stringify({ relay }));
    const program = await builtScript(join(import.meta.dirname, '../../packages/cli/src/zhida.ts'));
    const child = spawn(process.execPath, [program, 'relay', '--config', join(folder, 'zhida.yaml')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, output };
  }

  test('INV-1 zhida relay ends with 78 and names the setting: fsync, full_page_writes, synchronous_commit of the database', async () => {
    await own.unguarded();
    const weak = {
      fsync: 'alter system set fsync = off',
      full_page_writes: 'alter system set full_page_writes = off',
      synchronous_commit: 'alter database zhida_relay set synchronous_commit = off',
    };
    for (const [setting, statement] of Object.entries(weak)) {
      await own.administrate('alter system reset all');
      await own.administrate(statement);
      await own.administrate('select pg_reload_conf()');
      // A database’s own setting is one of its sessions alone.
      const server = setting === 'synchronous_commit' ? 'full_page_writes' : setting;
      const wanted = setting === 'synchronous_commit' ? 'on' : 'off';
      await waitUntil(async () => (await own.administrate(`show ${server}`))[0]?.[server] === wanted, {
        what: 'it is in force',
        ...DEADLINE,
      });
      const { code, output } = await startRelay();
      expect([setting, code]).toEqual([setting, 78]);
      expect(output).toContain(`ZD_ERR_DATABASE_NOT_DURABLE at ${setting}`);
      expect(output).not.toMatch(/postgresql:\/\/|张某某/);
    }
  });
});
