import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@zhida/core';
import { migrate, openDatabase } from '@zhida/database';
import { relayMigrations } from '@zhida/relay';
import { createKeyDirectory } from '@zhida/signing';
import { createTestDatabase, describeWithRedis, freePort, startRedisServer, waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { FACILITY, type Fixture, LOOPBACK, makeFixture, profile } from '../../relay/test/support/fixture.js';
import { zhida } from './zhida-here.js';

const DEADLINE_MS = 120_000;
const SECRET = '不可外传';

/** A relay that listens over its own database, with the configuration it would have been started by. */
let fixture: Fixture;
let folder = '';
let ledgerUrl = '';

type Section = Record<string, unknown>;

function relaySection(changes: Section = {}): Section {
  const { port } = fixture.relay.app.server.address() as { port: number };
  return {
    keys: fixture.parties.relay.directory,
    data: fixture.options.dataDirectory,
    database: 'relay.url',
    listen: { host: '127.0.0.1', port },
    profile: 'profile.json',
    facilities: [FACILITY],
    endpoints: Object.fromEntries(profile.recipients.map(({ party }) => [party, LOOPBACK])),
    escalation: { fallbackContact: { title: '总值班', phone: '0000-1' } },
    ...changes,
  };
}

function configuration(content: Section): string {
  const file = join(folder, 'zhida.yaml');
  writeFileSync(file, stringify(content));
  return file;
}

/** What a doctor says of the relay, one check a line, its colours and lines of what to do left out. */
async function told(changes: Section = {}, ...flags: string[]): Promise<{ code: number | null; lines: string[]; stdout: string }> {
  const { code, stdout, stderr } = await zhida(['doctor', configuration({ relay: relaySection(changes) }), '--lang', 'en', ...flags]);
  expect(stderr).toBe('');
  // No address of a database, no password and no key is ever told.
  expect(stdout).not.toContain(SECRET);
  expect(stdout).not.toMatch(/postgres:\/\/|redis:\/\//);
  const whole = unfolded(stdout);
  return { code, lines: whole.split('\n').filter((line) => /^ {2}[✓!✗]/.test(line)), stdout: whole };
}

/** Lines as they were before they were broken to the width of a terminal. */
function unfolded(stdout: string): string {
  return stdout.replaceAll(/\n {4,}(?!→| )/g, ' ');
}

function checkpointNote(): Promise<string> {
  return readFile(join(fixture.options.dataDirectory, 'audit', 'checkpoint'), 'utf8');
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zhida-doctor-'));
  fixture = await makeFixture({
    relay: { clock: systemClock },
    queue: (url) => {
      ledgerUrl = url;
      return { backend: 'postgres', url };
    },
  });
  await fixture.start();
  writeFileSync(join(folder, 'relay.url'), `${ledgerUrl}\n`, { mode: 0o600 });
  writeFileSync(join(folder, 'profile.json'), JSON.stringify(profile));
  expect((await fixture.press()).statusCode).toBe(202);
  // The note beside the log tells of a database put back only where it holds more than the first, empty checkpoint.
  await waitUntil(async () => !/^0$/m.test(await checkpointNote()), { what: 'a checkpoint with entries is noted' });
}, DEADLINE_MS);

afterAll(async () => {
  await fixture?.close();
  rmSync(folder, { recursive: true, force: true });
}, DEADLINE_MS);

describe('zhida doctor', () => {
  test(
    'of a relay that runs finds nothing wrong and exits 0',
    async () => {
      const { code, lines, stdout } = await told();
      expect(
        lines.filter((line) => line.includes('✗')),
        stdout,
      ).toEqual([]);
      expect(code).toBe(0);
      for (const said of [
        /✓ configuration can be read/,
        /✓ keys can be used: relay:yunxi \(test\), 1 to sign with/,
        /✓ trusts agency:police-440299 until 2036-01-01/,
        /✓ runs and is ready/,
        /✓ PostgreSQL \d+/,
        /✓ what is committed is on disk/,
        /✓ clock and database are [01]\.\d s apart/,
        /✓ schema is the newest \(relay-0/,
        /✓ agency:police-440299 has an address that may be connected to: 127\.0\.0\.1 \(nothing was sent there\)/,
        /[✓!] (newest checkpoint of the audit log is signed|checkpoint of the audit log has \d+ entries|the audit log is empty)/,
        /! 91440299MA5DEM0001: no roster was imported, the fixed number is called/,
      ])
        expect(stdout).toMatch(said);
    },
    DEADLINE_MS,
  );

  test('asks an agency for its health only where it is told to', async () => {
    const asked: string[] = [];
    const agency = createHttpServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end('{}');
    });
    const port = await freePort();
    await new Promise<void>((resolve) => agency.listen(port, '127.0.0.1', resolve));
    onTestFinished(() => void agency.close());
    const party = 'agency:station-440299102';
    const keys = await createKeyDirectory(join(folder, 'station'), { party, role: 'agency', mode: 'test' });
    await fixture.parties.introduce(keys, fixture.parties.relay, `http://127.0.0.1:${port}`);
    const recipients = [{ ...profile.recipients[0], party, priority: 4 }];
    writeFileSync(join(folder, 'station.json'), JSON.stringify({ ...profile, recipients }));
    const changes = { profile: 'station.json', endpoints: { [party]: LOOPBACK } };
    expect((await told(changes)).stdout).toContain(
      `✓ ${party} has an address that may be connected to: 127.0.0.1 (nothing was sent there)`,
    );
    expect(asked).toEqual([]);
    expect((await told(changes, '--probe')).stdout).toContain(`✓ ${party} answers: 127.0.0.1, status 200`);
    expect(asked).toEqual(['GET /healthz']);
    agency.close();
    agency.closeAllConnections();
    const silent = await told(changes, '--probe');
    expect([silent.code, silent.stdout.match(/✗ .*/g)]).toEqual([1, [`✗ ${party} does not answer: 127.0.0.1`]]);
  });

  test('says what is wrong with addresses, roster, ports and trust, and what to do, and exits 1', async () => {
    const other: Server = createServer((socket) => socket.on('error', () => undefined).end('x'));
    const port = await freePort();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const station = { ...profile.recipients[0], party: 'agency:station-440299101', priority: 4 };
    writeFileSync(join(folder, 'wider.json'), JSON.stringify({ ...profile, recipients: [...profile.recipients, station] }));
    const { code, lines, stdout } = await told({
      listen: { host: '127.0.0.1', port },
      endpoints: {},
      escalation: {},
      profile: 'wider.json',
    });
    expect(code).toBe(1);
    expect(lines.filter((line) => line.includes('✗')).map((line) => line.trim())).toEqual([
      '✗ there is no trust file of agency:station-440299101',
      `✗ another program is on port ${port}`,
      `✗ ${FACILITY}: neither a roster nor a fixed number`,
      '✗ the address of agency:police-440299 is none that may be connected to: 127.0.0.1',
      '✗ the address of agency:civil-affairs-440299 is none that may be connected to: 127.0.0.1',
    ]);
    expect(stdout).toContain('→ take another port, or stop that program');
  });

  test('a service that does not run leaves its port free; a folder, a database and tables that are not there', async () => {
    const empty = await createTestDatabase();
    onTestFinished(() => empty.drop());
    writeFileSync(join(folder, 'empty.url'), `${empty.url}\n`, { mode: 0o644 });
    const port = await freePort();
    const { stdout } = await told({ listen: { host: '127.0.0.1', port }, database: 'empty.url', data: join(folder, 'later/relay') });
    expect(stdout).toMatch(/✓ folder is made at the first start/);
    expect(stdout).toContain(`! does not run, port ${port} is free`);
    expect(stdout).toContain('! the database has no tables yet');
    if (process.platform !== 'win32') expect(stdout).toContain('! other users of this machine can read the file that relay.database names');
    writeFileSync(join(folder, 'away.url'), `postgres://zhida:${SECRET}@127.0.0.1:1/zhida\n`, { mode: 0o600 });
    const away = await told({ database: 'away.url' });
    expect([away.code, away.stdout.match(/✗ .*/g)]).toEqual([1, ['✗ the database cannot be used (ZD_ERR_DATABASE_UNAVAILABLE)']]);
    const nothing = await told({ database: 'nowhere.url' });
    // Told once.
    expect(nothing.stdout.match(/✗ .*/g)).toEqual(['✗ the file that relay.database names is not there or cannot be read']);
  });

  test('a database that may lose a commit, and one put back from an older copy', async () => {
    const weak = new URL(ledgerUrl);
    weak.searchParams.set('options', '-c synchronous_commit=off');
    writeFileSync(join(folder, 'weak.url'), `${weak.href}\n`, { mode: 0o600 });
    const { code, stdout } = await told({ database: 'weak.url' });
    expect([code, stdout.match(/✗ .*/g)]).toEqual([1, ['✗ synchronous_commit of the database is off: a committed report could be lost']]);
    const older = await createTestDatabase();
    onTestFinished(() => older.drop());
    const database = openDatabase<unknown>({ url: older.url });
    await migrate(database.pool, relayMigrations.slice(0, -1), { namespace: 'relay' });
    await database.close();
    writeFileSync(join(folder, 'older.url'), `${older.url}\n`, { mode: 0o600 });
    const old = await told({ database: 'older.url' });
    expect(old.stdout).toContain('! schema lacks 1 steps, which the next start takes');
    expect(old.stdout).toMatch(/✗ the checkpoint has \d+ entries, the database 0/);
  });

  test('a schema that is newer than the program, and one that is not the one it has', async () => {
    const other = await createTestDatabase();
    onTestFinished(() => other.drop());
    const database = openDatabase<unknown>({ url: other.url });
    onTestFinished(() => database.close());
    writeFileSync(join(folder, 'other.url'), `${other.url}\n`, { mode: 0o600 });
    const ofSchema = async (): Promise<string[]> =>
      (await told({ database: 'other.url' })).lines.filter((line) => line.includes('schema')).map((line) => line.trim());
    const later = { id: '9998-adds', sql: 'create table adds (id int)', additive: true };
    await migrate(database.pool, [...relayMigrations, later], { namespace: 'relay' });
    expect(await ofSchema()).toEqual(['! schema is 1 steps newer than this program']);
    const more = { id: '9999-changes', sql: 'drop table adds' };
    await migrate(database.pool, [...relayMigrations, later, more], { namespace: 'relay' });
    expect(await ofSchema()).toEqual(['✗ schema is newer than this program, which cannot work beside its step 9999-changes']);
    const first = relayMigrations[0]?.id ?? '';
    await database.pool.query("update schema_migrations set checksum = 'other' where id = $1", [first]);
    expect(await ofSchema()).toEqual([`✗ step ${first} of the schema is not the one this program has`]);
  });

  test('a network that cannot be read is named by its place', async () => {
    const endpoints = { 'agency:police-440299': { privateNetworks: ['127.0.0.0/8', '10.20.0.0/33'] } };
    const { code, stdout } = await told({ endpoints });
    expect([code, stdout.match(/✗ .*privateNetworks.*/g)]).toEqual([
      1,
      ['✗ number 2 of the privateNetworks of agency:police-440299 is no network'],
    ]);
    expect(stdout).not.toContain('10.20.0.0/33');
  });

  test('hours in which nobody is on duty', async () => {
    const hours = (from: number, to: number): Promise<unknown> =>
      fixture.database.pool.query(
        `insert into roster_shifts (facility, starts_at, ends_at, title)
         values ($1, now() + $2 * interval '1 hour', now() + $3 * interval '1 hour', '总值班')`,
        [FACILITY, from, to],
      );
    onTestFinished(async () => void (await fixture.database.pool.query('delete from roster_shifts')));
    await hours(-1, 10);
    const gap = await told();
    expect([gap.code, gap.stdout.match(/✗ .*/g)]).toEqual([
      1,
      [expect.stringMatching(new RegExp(`^✗ ${FACILITY}: nobody is on duty from \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d$`)) as unknown],
    ]);
    await hours(9, 80);
    expect((await told()).stdout).toContain(`✓ ${FACILITY}: somebody is on duty in each of the next 72 hours`);
  });

  test('an agency that keeps its inbox in files and is not running', async () => {
    const port = await freePort();
    const agency = {
      keys: fixture.parties.police.directory,
      inbox: join(folder, 'inbox'),
      listen: { host: '127.0.0.1', port },
      fetchFrom: 'relay:none',
    };
    const { code, stdout } = await zhida(['doctor', configuration({ agency }), '--lang', 'en']);
    expect([code, unfolded(stdout).match(/✗ .*/g)]).toEqual([1, ['✗ there is no trust file of relay:none']]);
    expect(stdout).toContain('✓ trusts relay:yunxi until 2036-01-01');
    expect(stdout).toContain(`! does not run, port ${port} is free`);
    expect(stdout).toContain('✓ folder is made at the first start');
  });

  test('keys that others can read are not used, whoever made them', async () => {
    if (process.platform === 'win32') return;
    const keys = join(fixture.parties.relay.directory, 'keys.json');
    chmodSync(keys, 0o644);
    onTestFinished(() => chmodSync(keys, 0o600));
    const { code, stdout } = await told();
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ keys cannot be used \(is open to other users/);
    expect(stdout).not.toContain(readFileSync(keys, 'utf8').slice(0, 40));
  });

  test('a configuration that is wrong is named line by line, and in Chinese too', async () => {
    const file = configuration({ relay: { ...relaySection(), listen: SECRET } });
    const { code, stdout } = await zhida(['doctor', file]);
    expect(code).toBe(1);
    expect(unfolded(stdout)).toMatch(/✗ 配置有错 .*zhida\.yaml: line \d+: relay\.listen: /);
    expect(stdout).not.toContain(SECRET);
    expect(stdout.trimEnd()).toMatch(/2 项正常，0 项留意，1 项有问题$/);
  });
});

describeWithRedis('zhida doctor and a Redis queue', () => {
  test('says how it is set, and where it does not answer', async () => {
    const server = await startRedisServer();
    onTestFinished(() => server.stop());
    writeFileSync(join(folder, 'redis.url'), `${server.url}\n`, { mode: 0o600 });
    const { stdout, code } = await told({ queue: { backend: 'redis', url: 'redis.url' } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/✓ Redis \d+\.\d+/);
    expect(stdout).toContain('✓ Redis evicts nothing (noeviction)');
    expect(stdout).toContain('! Redis does not append to disk (AOF)');
    writeFileSync(join(folder, 'redis.url'), 'redis://127.0.0.1:1\n', { mode: 0o600 });
    const away = await told({ queue: { backend: 'redis', url: 'redis.url' } });
    expect([away.code, away.stdout.match(/✗ .*/g)]).toEqual([1, ['✗ Redis does not answer; reports go out all the same, later']]);
  });
});
