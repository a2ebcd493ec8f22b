import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { assertDurable, openDatabase } from '@zhida/database';
import { type EmbeddedServer, startEmbeddedPostgres } from '@zhida/database/embedded';
import { waitUntil } from '@zhida/testkit';
import { startChild } from './support/child.js';
import { checkoutIsOpen, clear, closedFolder, passableFolder, processesIn, settledPlace } from './support/folder.js';

const ROOT = process.getuid?.() === 0;
const OPEN = checkoutIsOpen();
const folders: string[] = [];

function makeFolder(): { root: string; directory: string; stateFile: string } {
  const root = passableFolder();
  folders.push(root);
  return { root, directory: join(root, 'postgres'), stateFile: join(root, 'database.json') };
}

async function ask<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

afterEach(() => clear(...folders.splice(0)));

describe('a running server', () => {
  const root = passableFolder();
  let server: EmbeddedServer;

  beforeAll(async () => {
    server = await startEmbeddedPostgres({ directory: join(root, 'postgres'), stateFile: join(root, 'database.json') });
  });

  afterAll(() => clear(root));

  it('makes a durable UTF-8 database on 127.0.0.1, in UTC, with its files closed to others', async () => {
    const { url } = await server.ensureDatabase({ database: 'relay', role: 'relay' });
    const database = openDatabase({ url });
    await assertDurable(database.pool);
    await database.close();
    const rows = await ask<{ name: string; setting: string }>(
      url,
      `select name, setting from pg_settings where name in
       ('listen_addresses', 'TimeZone', 'server_encoding', 'lc_messages', 'max_connections') order by name`,
    );
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      TimeZone: 'UTC',
      lc_messages: 'C',
      listen_addresses: '127.0.0.1',
      max_connections: '200',
      server_encoding: 'UTF8',
    });
    for (const file of [join(root, 'database.json'), join(server.directory, 'secrets.json'), server.logFile])
      expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(server.directory, 'data')).mode & 0o777).toBe(0o700);
    expect(statSync(server.directory).mode & 0o077).toBe(ROOT ? 0o011 : 0);
    expect(existsSync(join(server.directory, 'data.new'))).toBe(false);
  });

  it('never runs the server as root', async () => {
    expect(statSync(`/proc/${server.pid}`).uid).not.toBe(0);
  });

  it('keeps what an error quotes out of the server’s log', async () => {
    const { url } = await server.ensureDatabase({ database: 'relay', role: 'relay' });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('create table child (name text unique)');
    await client.query("insert into child values ('鸑鷟璩')");
    await expect(client.query('insert into child values ($1)', ['鸑鷟璩'])).rejects.toThrow('duplicate key');
    await expect(client.query("select '鸑鷟璩'::integer")).rejects.toThrow('invalid input syntax');
    await expect(client.query('select $1::integer', ['鸑鷟璩'])).rejects.toThrow('invalid input syntax');
    await expect(client.query("do $$ begin raise warning '鸑鷟璩'; raise exception '鸑鷟璩'; end $$")).rejects.toThrow('鸑鷟璩');
    await client.end();
    const log = readFileSync(server.logFile, 'utf8');
    expect(log).toContain('ready to accept connections');
    expect(log).not.toMatch(/鸑|child|duplicate/);
  });

  it('gives each party a database that no other party can enter', async () => {
    const [relay, police] = await Promise.all([
      server.ensureDatabase({ database: 'relay', role: 'relay' }),
      server.ensureDatabase({ database: 'police', role: 'police' }),
    ]);
    await ask(relay.url, 'create table press as select 7 as id');
    const other = new URL(police.url);
    other.pathname = '/relay';
    await expect(ask(other.href, 'select * from press')).rejects.toMatchObject({ code: '42501' });
    for (const common of ['/postgres', '/template1']) {
      other.pathname = common;
      await expect(ask(other.href, 'select 1')).rejects.toMatchObject({ code: '42501' });
    }
    await expect(ask(police.url, 'create role intruder')).rejects.toMatchObject({ code: '42501' });
    await expect(ask(police.url, "copy (select 1) to program 'true'")).rejects.toMatchObject({ code: '42501' });
  });

  it('puts right a role without its database and a password that was kept but never set', async () => {
    await ask(server.administratorUrl(), 'create role civil');
    const { url } = await server.ensureDatabase({ database: 'civil', role: 'civil' });
    expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await ask(server.administratorUrl(), "alter role civil password 'something-else-altogether'");
    await server.ensureDatabase({ database: 'civil', role: 'civil' });
    expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('refuses a name that is not plain', async () => {
    await expect(server.ensureDatabase({ database: 'a"b', role: 'relay' })).rejects.toThrow(TypeError);
  });
});

describe('a first start', () => {
  it('says which file tells more when the server cannot start, without a password', async () => {
    const { directory, stateFile } = makeFolder();
    const server = await startEmbeddedPostgres({ directory, stateFile });
    await server.stop();
    writeFileSync(join(server.directory, 'data', 'PG_VERSION'), '9.6\n');
    const { administrator } = JSON.parse(readFileSync(join(server.directory, 'secrets.json'), 'utf8')) as { administrator: string };
    const error: unknown = await startEmbeddedPostgres({ directory, stateFile }).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'ZD_ERR_DATABASE_START', at: server.logFile });
    expect(String(error)).not.toContain(administrator);
  });

  it('gives up when it is aborted, and leaves nothing running', async () => {
    const { directory, stateFile } = makeFolder();
    const abort = new AbortController();
    const start = startEmbeddedPostgres({ directory, stateFile, signal: abort.signal });
    const place = await waitUntil(() => settledPlace(stateFile), { what: 'the place is settled' });
    await waitUntil(() => existsSync(join(place, 'initdb.json')), { what: 'initdb runs' });
    abort.abort(new Error('enough'));
    await expect(start).rejects.toThrow('enough');
    await waitUntil(() => processesIn(place).length === 0, { what: 'initdb is gone' });
    const server = await startEmbeddedPostgres({ directory, stateFile });
    await server.stop();
  });
});

describe('a second start', () => {
  it('adopts a live server of the same folder, and the adopter can stop it', async () => {
    const { directory, stateFile } = makeFolder();
    const first = await startEmbeddedPostgres({ directory, stateFile });
    const { url } = await first.ensureDatabase({ database: 'relay', role: 'relay' });
    const second = await startEmbeddedPostgres({ directory, stateFile });
    expect({ adopted: second.adopted, pid: second.pid, port: second.port }).toEqual({ adopted: true, pid: first.pid, port: first.port });
    expect(await second.ensureDatabase({ database: 'relay', role: 'relay' })).toEqual({ url });
    await second.stop();
    expect(processesIn(directory)).toEqual([]);
    await second.stop();
  });

  it('finds the data again on the same port after a stop', async () => {
    const { directory, stateFile } = makeFolder();
    const first = await startEmbeddedPostgres({ directory, stateFile });
    const { url } = await first.ensureDatabase({ database: 'relay', role: 'relay' });
    await ask(url, 'create table press as select 7 as id');
    await first.stop();
    const second = await startEmbeddedPostgres({ directory, stateFile });
    expect({ adopted: second.adopted, port: second.port }).toEqual({ adopted: false, port: first.port });
    expect(await ask(url, 'select id from press')).toEqual([{ id: 7 }]);
    await second.stop();
  });

  it('takes another port when its own was taken meanwhile', async () => {
    const { directory, stateFile } = makeFolder();
    const first = await startEmbeddedPostgres({ directory, stateFile });
    await first.stop();
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(first.port, '127.0.0.1', resolve));
    const second = await startEmbeddedPostgres({ directory, stateFile });
    expect(second.port).not.toBe(first.port);
    expect(JSON.parse(readFileSync(stateFile, 'utf8'))).toMatchObject({ port: second.port, host: '127.0.0.1', place: second.directory });
    await second.stop();
    squatter.close();
  });

  it('restarts when the pid in postmaster.pid now belongs to another program', async () => {
    const { directory, stateFile } = makeFolder();
    const first = await startEmbeddedPostgres({ directory, stateFile });
    const pidFile = join(first.directory, 'data', 'postmaster.pid');
    const [, ...rest] = readFileSync(pidFile, 'utf8').split('\n');
    await first.stop();
    writeFileSync(pidFile, [String(process.pid), ...rest].join('\n'), { mode: 0o644 });
    const second = await startEmbeddedPostgres({ directory, stateFile });
    expect(second.adopted).toBe(false);
    expect(second.pid).not.toBe(process.pid);
    await second.stop();
  });

  it('restarts after the main server process was killed while its workers still lived', async () => {
    const { directory, stateFile } = makeFolder();
    const first = await startEmbeddedPostgres({ directory, stateFile });
    const { url } = await first.ensureDatabase({ database: 'relay', role: 'relay' });
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    const busy = client.query('select sum(n) from generate_series(1, 300000000) as n').catch(() => undefined);
    process.kill(first.pid, 'SIGKILL');
    const second = await startEmbeddedPostgres({ directory, stateFile });
    expect(second.adopted).toBe(false);
    expect(await ask(url.replace(`:${first.port}/`, `:${second.port}/`), 'select 1 as one')).toEqual([{ one: 1 }]);
    await busy;
    await second.stop();
  });

  it.runIf(OPEN)('does not take the server of a folder for the server of its copy', async () => {
    const { root, directory, stateFile } = makeFolder();
    const first = await startEmbeddedPostgres({ directory, stateFile });
    const copy = join(root, 'copy');
    // Byte for byte, pid file included, owners and modes kept; a checkpoint makes the copy startable.
    await ask(first.administratorUrl(), 'checkpoint');
    execFileSync('cp', ['-a', directory, copy]);
    const second = await startEmbeddedPostgres({ directory: copy, stateFile: join(root, 'copy.json') });
    expect(second.adopted).toBe(false);
    expect(second.port).not.toBe(first.port);
    expect(existsSync(`/proc/${first.pid}`)).toBe(true);
    await second.stop();
    await first.stop();
  });

  it.runIf(OPEN)('stops and starts again a server whose folder was renamed under it', async () => {
    const { root, directory, stateFile } = makeFolder();
    const first = await startEmbeddedPostgres({ directory, stateFile });
    renameSync(directory, join(root, 'renamed'));
    const second = await startEmbeddedPostgres({ directory: join(root, 'renamed'), stateFile });
    expect(second.adopted).toBe(false);
    expect(existsSync(`/proc/${first.pid}`)).toBe(false);
    expect(second.directory).toBe(join(root, 'renamed'));
    await second.stop();
  });
});

describe('several starts at the same moment', () => {
  it('of four processes one starts the server and three adopt it', async () => {
    const { directory, stateFile } = makeFolder();
    const children = [1, 2, 3, 4].map(() => startChild({ directory, stateFile, act: 'idle' }));
    const running = await Promise.all(
      children.map((child) =>
        waitUntil(() => child.said.find((line) => line.url !== undefined) && child.said, { what: 'a child runs', deadlineMs: 40_000 }),
      ),
    ).then((said) => said.map((lines) => lines.find((line) => line.running)?.running));
    expect(running.filter((one) => one?.adopted === false)).toHaveLength(1);
    expect(new Set(running.map((one) => one?.pid)).size).toBe(1);
    for (const child of children) child.process.kill('SIGKILL');
    const server = await startEmbeddedPostgres({ directory, stateFile });
    expect(server.adopted).toBe(true);
    await server.stop();
  });
});

describe.runIf(ROOT)('as root, in a checkout the server’s account cannot reach', () => {
  it('puts data under a system directory, names it in the state file, and finds it again', async () => {
    const checkout = closedFolder();
    folders.push(join(checkout, '..'));
    const options = { directory: join(checkout, '.zhida', 'postgres'), stateFile: join(checkout, '.zhida', 'database.json') };
    const first = await startEmbeddedPostgres(options);
    folders.push(first.directory);
    expect(first.directory).toMatch(/^\/var\/(lib\/zhida|tmp\/zhida-[0-9a-f]+)\/postgres-[0-9a-f]+$/);
    expect(JSON.parse(readFileSync(options.stateFile, 'utf8'))).toMatchObject({ place: first.directory });
    expect(statSync(options.stateFile).mode & 0o777).toBe(0o600);
    expect(statSync(join(first.directory, 'secrets.json'))).toMatchObject({ uid: 0 });
    const { url } = await first.ensureDatabase({ database: 'relay', role: 'relay' });
    await ask(url, 'create table press as select 7 as id');
    const second = await startEmbeddedPostgres(options);
    expect(second).toMatchObject({ adopted: true, directory: first.directory });
    await second.stop();
    const third = await startEmbeddedPostgres(options);
    expect(await ask(url, 'select id from press')).toEqual([{ id: 7 }]);
    await third.stop();
  });

  it('makes another database, not a broken one, after the checkout’s own folder was deleted', async () => {
    const checkout = closedFolder();
    folders.push(join(checkout, '..'));
    const options = { directory: join(checkout, '.zhida', 'postgres'), stateFile: join(checkout, '.zhida', 'database.json') };
    const first = await startEmbeddedPostgres(options);
    folders.push(first.directory);
    await first.stop();
    rmSync(join(checkout, '.zhida'), { recursive: true });
    const second = await startEmbeddedPostgres(options);
    folders.push(second.directory);
    expect(second.directory).not.toBe(first.directory);
    await second.stop();
  });
});

describe.runIf(ROOT && OPEN)('as an ordinary user', () => {
  it('runs in the folder itself, mode 0700, and root goes on with it later as that user', async () => {
    const { root } = makeFolder();
    const home = join(root, 'home');
    mkdirSync(home);
    execFileSync('chown', ['nobody', home]);
    const nobody = statSync(home).uid;
    const options = { directory: join(home, '.zhida', 'postgres'), stateFile: join(home, '.zhida', 'database.json') };
    const env = { HOME: home, TMPDIR: home };
    const child = startChild({ ...options, act: 'stop', uid: nobody, gid: 65534, env });
    expect({ code: await child.ended, errors: child.errors() }).toEqual({ code: 0, errors: '' });
    expect(statSync(options.directory)).toMatchObject({ uid: nobody });
    expect(statSync(options.directory).mode & 0o777).toBe(0o700);
    const asRoot = await startEmbeddedPostgres(options);
    expect(statSync(`/proc/${asRoot.pid}`).uid).toBe(nobody);
    expect(asRoot.directory).toBe(options.directory);
    await asRoot.stop();
    const again = startChild({ ...options, act: 'stop', uid: nobody, gid: 65534, env });
    expect({ code: await again.ended, errors: again.errors() }).toEqual({ code: 0, errors: '' });
    expect(readdirSync(options.directory).filter((name) => statSync(join(options.directory, name)).uid !== nobody)).toEqual([]);
  });

  it('says that the folder belongs to somebody else instead of starting half', async () => {
    const { directory, stateFile } = makeFolder();
    const mine: EmbeddedServer = await startEmbeddedPostgres({ directory, stateFile });
    await mine.stop();
    const child = startChild({ directory, stateFile, act: 'stop', uid: 65534, gid: 65534, env: { HOME: '/tmp', TMPDIR: '/tmp' } });
    expect(await child.ended).not.toBe(0);
    expect(child.errors()).toContain('ZD_ERR_DATABASE_START');
  });
});
