import { readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { openDatabase } from '@zhida/database';
import { type TestDatabase, createTestDatabase, waitUntil } from '@zhida/testkit';
import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatVkey, publicKeyOfSigner, verifyAuditDirectory } from '../src/index.js';
import { auditLayout, tilePath } from '../src/layout.js';
import { type SequencerOptions, appendAudit, auditMigration, createSequencer, insertAuditEntry } from '../src/postgres.js';
import { ORIGIN, someEntries, temporaryFolder, testSigner } from './log-fixture.js';

const signer = testSigner();
const publicKeys = [publicKeyOfSigner(signer)];

let database: TestDatabase;
let pool: pg.Pool;
let close: () => Promise<void>;

beforeEach(async () => {
  database = await createTestDatabase();
  const opened = openDatabase({ url: database.url });
  pool = opened.pool;
  close = () => opened.close();
  await pool.query(auditMigration.sql);
});

afterEach(async () => {
  await close();
  await database.drop();
});

function sequencerOf(directory: string, more: Partial<SequencerOptions> = {}) {
  return createSequencer({ pool, directory, origin: ORIGIN, signer, intervalMs: 10, ...more });
}

async function append(count: number, executor: pg.Pool | pg.PoolClient = pool): Promise<string[]> {
  const entries = someEntries(count);
  await executor.query(
    `insert into audit_entries (id, bytes) select id, decode(hex, 'hex') from unnest($1::text[], $2::text[]) as given (id, hex)`,
    [entries.map(({ id }) => id), entries.map(({ bytes }) => Buffer.from(bytes).toString('hex'))],
  );
  return entries.map(({ id }) => id);
}

async function order(): Promise<string[]> {
  const { rows } = await pool.query<{ index: string; entry_id: string }>('select index, entry_id from audit_leaves order by index');
  expect(rows.map(({ index }) => Number(index))).toEqual(rows.map((_, position) => position));
  return rows.map((row) => row.entry_id);
}

describe('INV-12', () => {
  test('INV-12 an entry is there exactly when the change it speaks of is: a rollback leaves neither', async () => {
    await pool.query('create table states (id text primary key)');
    const client = await pool.connect();
    const change = async (end: string): Promise<string> => {
      await client.query('begin');
      await client.query('insert into states values ($1)', [end]);
      const id = await appendAudit(client, { origin: ORIGIN, actor: 'relay:1', action: 'state.changed', subject: { state: end } });
      await client.query(end);
      return id;
    };
    const kept = await change('commit');
    await change('rollback');
    client.release();
    const { rows } = await pool.query('select id from audit_entries');
    expect(rows).toEqual([{ id: kept }]);
    expect((await pool.query('select id from states')).rows).toEqual([{ id: 'commit' }]);
  });

  test.each(['audit_entries', 'audit_leaves', 'checkpoints'])(
    'INV-12 the database refuses to change, delete or truncate %s',
    async (table) => {
      await append(3);
      await sequencerOf(await temporaryFolder()).runOnce();
      const { rows: before } = await pool.query(`select * from ${table}`);
      const column = { audit_entries: 'id', audit_leaves: 'entry_id', checkpoints: 'note' }[table];
      const attempts = [`update ${table} set ${column} = ${column}`, `delete from ${table}`, `truncate ${table} cascade`];
      for (const attempt of attempts) await expect(pool.query(attempt)).rejects.toMatchObject({ code: '42501' });
      await expect(pool.query(`delete from ${table} where false`)).rejects.toThrow('append-only');
      expect((await pool.query(`select * from ${table}`)).rows).toEqual(before);
    },
  );

  test('INV-12 erasing a sealed detail leaves entry, leaf and proof as they were', async () => {
    const directory = await temporaryFolder();
    const sealed: { opening: string; entryId: string }[] = [];
    const id = await appendAudit(pool, {
      origin: ORIGIN,
      actor: 'relay:1',
      action: 'report.opened',
      subject: {},
      detail: { reason: '核实' },
      seal: (opening, entryId) => {
        sealed.push({ opening: Buffer.from(opening).toString(), entryId });
        return Uint8Array.of(1, 2, 3);
      },
    });
    expect(sealed).toEqual([{ opening: expect.stringMatching(/^\{"detail":\{"reason":"核实"\},"salt":"[0-9a-f]{64}"\}$/), entryId: id }]);
    expect((await pool.query('select * from audit_details')).rows).toEqual([{ entry_id: id, sealed: Buffer.of(1, 2, 3) }]);
    await sequencerOf(directory).runOnce();
    await pool.query('delete from audit_details');
    expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: true, size: 1 });
    expect(await readFile(tilePath(auditLayout(directory), 0), 'utf8')).not.toContain('核实');
  });
});

describe('the sequencer', () => {
  test('gives every entry a place, and the files verify without the database', async () => {
    const directory = await temporaryFolder();
    const sequencer = sequencerOf(directory, { batch: 100 });
    expect(await sequencer.runOnce()).toMatchObject({ appended: 0, size: 0 });
    await append(250);
    expect(await sequencer.runOnce()).toMatchObject({ appended: 250, size: 250 });
    await append(1000);
    const run = await sequencer.runOnce();
    expect(run).toMatchObject({ appended: 1000, size: 1250 });
    expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({
      ok: true,
      size: 1250,
      rootHash: run.root,
      checkpoints: 4,
    });
    const about = JSON.parse(await readFile(auditLayout(directory).about, 'utf8'));
    expect(about).toEqual({ origin: ORIGIN, vkey: formatVkey(ORIGIN, publicKeyOfSigner(signer)) });
    expect((await readdir(directory)).toSorted()).toEqual(['checkpoint', 'checkpoints.log', 'entries', 'ids', 'leaves', 'log.json']);
  });

  test('a transaction that commits late with an early id is still sequenced', async () => {
    const sequencer = sequencerOf(await temporaryFolder());
    const [early, ...later] = someEntries(3);
    const slow = await pool.connect();
    await slow.query('begin');
    if (early !== undefined) await slow.query(`insert into audit_entries (id, bytes) values ($1, $2)`, [early.id, early.bytes]);
    for (const { id, bytes } of later) await pool.query('insert into audit_entries (id, bytes) values ($1, $2)', [id, bytes]);
    expect(await sequencer.runOnce()).toMatchObject({ appended: 2 });
    expect(await sequencer.runOnce()).toMatchObject({ appended: 0 });
    await slow.query('commit');
    slow.release();
    expect(await sequencer.runOnce()).toMatchObject({ appended: 1, size: 3 });
    expect(await order()).toEqual([...later.map(({ id }) => id), early?.id]);
  });

  test('of many transactions that overlap and commit in any order, none is forgotten', async () => {
    const directory = await temporaryFolder();
    const sequencer = sequencerOf(directory, { batch: 7 });
    const clients = await Promise.all(Array.from({ length: 6 }, () => pool.connect()));
    const ids: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      for (const client of clients) {
        await client.query('begin');
        ids.push(...(await append(3, client)));
      }
      const turn = [...clients.slice(round), ...clients.slice(0, round)];
      for (const [position, client] of turn.entries()) {
        await client.query('commit');
        if (position % 2 === 0) await sequencer.runOnce();
      }
    }
    for (const client of clients) client.release();
    await sequencer.runOnce();
    expect((await order()).toSorted()).toEqual(ids.toSorted());
    expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: true, size: 90 });
  });

  test('two concurrent sequencers give one gapless order, in one folder', async () => {
    const directory = await temporaryFolder();
    const errors: unknown[] = [];
    const pair = [0, 1].map(() => sequencerOf(directory, { intervalMs: 1, batch: 50, onError: (error) => errors.push(error) }));
    for (const sequencer of pair) sequencer.start();
    const ids = (await Promise.all(Array.from({ length: 60 }, () => append(20)))).flat();
    await waitUntil(async () => (await order()).length === ids.length, { deadlineMs: 20_000, what: 'every entry has a place' });
    for (const sequencer of pair) await sequencer.stop();
    expect(errors).toEqual([]);
    expect((await order()).toSorted()).toEqual(ids.toSorted());
    expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: true, size: 1200 });
  });

  test('sequencers with folders of their own write the same log', async () => {
    const folders = [await temporaryFolder(), await temporaryFolder()];
    const sequencers = folders.map((directory) => sequencerOf(directory));
    for (const sequencer of [...sequencers, ...sequencers]) {
      await append(5);
      await sequencer.runOnce();
    }
    for (const sequencer of sequencers) await sequencer.runOnce();
    const [one, other] = await Promise.all(folders.map((directory) => verifyAuditDirectory(directory, { publicKeys })));
    expect(one).toMatchObject({ ok: true, size: 20 });
    expect(other).toEqual(one);
  });

  test('its loop tells of a failure and goes on; a poke does not wait for the interval', async () => {
    const directory = await temporaryFolder();
    const errors: unknown[] = [];
    let away = true;
    const flaky = { connect: async () => (away ? Promise.reject(new Error('the database is away')) : pool.connect()) };
    const sequencer = createSequencer({
      pool: flaky,
      directory,
      origin: ORIGIN,
      signer,
      intervalMs: 60_000,
      onError: (error) => errors.push(error),
    });
    await append(4);
    sequencer.start();
    await waitUntil(() => errors.length === 1, { deadlineMs: 5000, what: 'the failure was told' });
    away = false;
    sequencer.poke();
    await waitUntil(async () => (await order()).length === 4, { deadlineMs: 5000, what: 'the poke sequenced' });
    await append(2);
    await sequencer.stop();
    expect(errors).toEqual([new Error('the database is away')]);
    expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: true, size: 6 });
  });

  test('refuses options out of bounds', () => {
    const options = { pool, directory: '/nowhere', origin: ORIGIN, signer };
    for (const more of [{ batch: 0 }, { batch: 1001 }, { intervalMs: 0 }, { origin: 'two words' }, { signer: { ...signer, name: '' } }]) {
      expect(() => createSequencer({ ...options, ...more })).toThrow(expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID' }));
    }
  });
});

describe('after a failure at any point', () => {
  test('a run whose connection fails at its nth statement is made good by the next', async () => {
    const directory = await temporaryFolder();
    for (let failAt = 1; ; failAt += 1) {
      await append(3);
      let statements = 0;
      let armed = true;
      const failing = {
        connect: async () => {
          const client = await pool.connect();
          return {
            query: async (text: string, values: unknown[]) => {
              statements += 1;
              if (armed && statements === failAt) throw new Error('connection lost');
              return client.query<Record<string, unknown>>(text, values);
            },
            release: (destroy?: boolean) => client.release(destroy),
          };
        },
      };
      const sequencer = sequencerOf(directory, { pool: failing, batch: 2 });
      const failed = await sequencer.runOnce().then(
        () => false,
        () => true,
      );
      armed = false;
      await sequencer.runOnce();
      expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: true, size: 3 * failAt });
      if (!failed) return expect(failAt).toBeGreaterThan(12);
    }
  });

  test('files cut at any length, or gone, are completed from the rows', async () => {
    const directory = await temporaryFolder();
    const layout = auditLayout(directory);
    await append(1010);
    await sequencerOf(directory).runOnce();
    const files = [tilePath(layout, 0), tilePath(layout, 1), layout.leaves, layout.ids, layout.history];
    for (const path of files) {
      const whole = await readFile(path);
      for (const length of [0, 1, Math.floor(whole.length / 2), whole.length - 1]) {
        await truncate(path, length);
        const repairs: unknown[] = [];
        await sequencerOf(directory, { onRepair: (repair) => repairs.push(repair) }).runOnce();
        expect(repairs).toEqual([{ file: path.slice(directory.length + 1), what: 'completed' }]);
        expect(Buffer.compare(await readFile(path), whole)).toBe(0);
      }
    }
    for (const path of [...files, layout.checkpoint, layout.about]) await rm(path);
    await sequencerOf(directory).runOnce();
    expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: true, size: 1010 });
    await rm(directory, { recursive: true });
    await sequencerOf(directory).runOnce();
    expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: true, size: 1010 });
  });

  test('a sequencer at work notices when a file loses its tail', async () => {
    const directory = await temporaryFolder();
    const repairs: unknown[] = [];
    const sequencer = sequencerOf(directory, { onRepair: (repair) => repairs.push(repair) });
    await append(5);
    await sequencer.runOnce();
    await truncate(auditLayout(directory).leaves, 33);
    await sequencer.runOnce();
    expect(repairs).toEqual([{ file: 'leaves', what: 'completed' }]);
    expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: true });
  });

  test('an altered file is put right, told of, and kept aside as it was found', async () => {
    const directory = await temporaryFolder();
    const layout = auditLayout(directory);
    await append(5);
    await sequencerOf(directory).runOnce();
    const altered = (await readFile(tilePath(layout, 0), 'utf8')).replace('unknown', 'refused');
    await writeFile(tilePath(layout, 0), altered);
    await writeFile(tilePath(layout, 1), 'an entry that never was\n');
    await writeFile(layout.checkpoint, 'rubbish');
    const repairs: unknown[] = [];
    await sequencerOf(directory, { onRepair: (repair) => repairs.push(repair) }).runOnce();
    expect(repairs).toEqual([
      { file: 'entries/000000.jsonl', what: 'rewritten' },
      { file: 'entries/000001.jsonl', what: 'removed' },
      { file: 'checkpoint', what: 'rewritten' },
    ]);
    const aside = await readdir(layout.setAside);
    expect(aside).toHaveLength(3);
    const kept = await Promise.all(aside.map((name) => readFile(`${layout.setAside}/${name}`, 'utf8')));
    expect(kept).toContain(altered);
    expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: true, size: 5 });
  });

  test('entries that have a place but are in no file yet get into the files before a checkpoint speaks of them', async () => {
    const directory = await temporaryFolder();
    const [first] = someEntries(1);
    if (first === undefined) return;
    await pool.query('insert into audit_entries (id, bytes) values ($1, $2)', [first.id, first.bytes]);
    const { leafHash } = await import('../src/index.js');
    await pool.query('insert into audit_leaves values (0, $1, $2)', [first.id, leafHash(first.bytes)]);
    expect(await sequencerOf(directory).runOnce()).toMatchObject({ appended: 0, size: 1 });
    expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: true, size: 1, checkpoints: 2 });
  });
});

describe('what was signed is never taken back', () => {
  test('a database put back to an older state is not signed over, and no file is touched', async () => {
    const directory = await temporaryFolder();
    await append(10);
    await sequencerOf(directory).runOnce();
    const before = await readFile(auditLayout(directory).leaves);
    const older = await createTestDatabase();
    const opened = openDatabase({ url: older.url });
    try {
      await opened.pool.query(auditMigration.sql);
      const [other] = someEntries(1);
      await opened.pool.query('insert into audit_entries (id, bytes) values ($1, $2)', [other?.id, other?.bytes]);
      const run = sequencerOf(directory, { pool: opened.pool }).runOnce();
      await expect(run).rejects.toMatchObject({ code: 'ZD_ERR_AUDIT_CORRUPT', message: expect.stringContaining('old backup') });
    } finally {
      await opened.close();
      await older.drop();
    }
    expect(await readFile(auditLayout(directory).leaves)).toEqual(before);
    expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: true, size: 10 });
  });

  test.each([
    ['a leaf changed', `update audit_leaves set leaf_hash = decode(repeat('00', 32), 'hex') where index = 2`],
    ['a leaf gone', 'delete from audit_leaves where index = 2'],
    ['the last leaf gone', 'delete from audit_leaves where index = 4'],
  ])('%s behind the triggers’ back stops the sequencer', async (_, statement) => {
    const directory = await temporaryFolder();
    await append(5);
    await sequencerOf(directory).runOnce();
    await pool.query('alter table audit_leaves disable trigger audit_leaves_append_only');
    await pool.query(statement);
    await expect(sequencerOf(directory).runOnce()).rejects.toMatchObject({ code: 'ZD_ERR_AUDIT_CORRUPT' });
    expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: true, size: 5 });
  });

  test('an entry changed behind the triggers’ back never reaches a file', async () => {
    const directory = await temporaryFolder();
    const [, second] = await append(5);
    await sequencerOf(directory).runOnce();
    await pool.query('alter table audit_entries disable trigger audit_entries_append_only');
    await pool.query(`update audit_entries set bytes = bytes || ' '::bytea where id = $1`, [second]);
    await rm(tilePath(auditLayout(directory), 0));
    await expect(sequencerOf(directory).runOnce()).rejects.toMatchObject({ code: 'ZD_ERR_AUDIT_CORRUPT', at: 'entries[1]' });
  });

  test('a new key signs on where the old one stopped', async () => {
    const directory = await temporaryFolder();
    await append(3);
    await sequencerOf(directory).runOnce();
    const next = testSigner();
    await append(3);
    await sequencerOf(directory, { signer: next }).runOnce();
    const both = [publicKeyOfSigner(next), ...publicKeys];
    expect(await verifyAuditDirectory(directory, { publicKeys: both })).toMatchObject({ ok: true, size: 6 });
    expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: false, signedSize: 3 });
  });

  test('a row that would break the files is refused by the database', async () => {
    const [entry] = someEntries(1);
    await expect(pool.query('insert into audit_entries (id, bytes) values ($1, $2)', ['aud_x', entry?.bytes])).rejects.toMatchObject({
      code: '23514',
    });
    const split = Buffer.from('{"a":\n1}');
    await expect(pool.query('insert into audit_entries (id, bytes) values ($1, $2)', [entry?.id, split])).rejects.toMatchObject({
      code: '23514',
    });
    await expect(
      insertAuditEntry({ query: (text, values) => pool.query(text, values) }, { entry: { id: 'aud_x' }, bytes: split } as never),
    ).rejects.toMatchObject({ code: '23514' });
  });
});
