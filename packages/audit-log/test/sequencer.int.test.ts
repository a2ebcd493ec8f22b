import { readFile, readdir, truncate } from 'node:fs/promises';
import { waitUntil } from '@zhida/testkit';
import { describe, expect, test } from 'vitest';
import { formatVkey, publicKeyOfSigner, verifyAuditDirectory } from '../src/index.js';
import { auditLayout, tilePath } from '../src/layout.js';
import { type SqlPool, appendAudit, createSequencer } from '../src/postgres.js';
import { append, auditPool, order, publicKeys, sequencerOf, signer, useAuditDatabase, withOtherDatabase } from './database-fixture.js';
import { ORIGIN, someEntries, temporaryFolder } from './log-fixture.js';

useAuditDatabase();

describe('INV-12', () => {
  test('INV-12 an entry is there exactly when the change it speaks of is: a rollback leaves neither', async () => {
    await auditPool().query('create table states (id text primary key)');
    const client = await auditPool().connect();
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
    const { rows } = await auditPool().query('select id from audit_entries');
    expect(rows).toEqual([{ id: kept }]);
    expect((await auditPool().query('select id from states')).rows).toEqual([{ id: 'commit' }]);
  });

  test.each(['audit_entries', 'audit_leaves', 'checkpoints'])(
    'INV-12 the database refuses to change, delete or truncate %s',
    async (table) => {
      await append(3);
      await sequencerOf(await temporaryFolder()).runOnce();
      const { rows: before } = await auditPool().query(`select * from ${table}`);
      const column = { audit_entries: 'id', audit_leaves: 'entry_id', checkpoints: 'note' }[table];
      const attempts = [`update ${table} set ${column} = ${column}`, `delete from ${table}`, `truncate ${table} cascade`];
      for (const attempt of attempts) await expect(auditPool().query(attempt)).rejects.toMatchObject({ code: '42501' });
      await expect(auditPool().query(`delete from ${table} where false`)).rejects.toThrow('append-only');
      expect((await auditPool().query(`select * from ${table}`)).rows).toEqual(before);
    },
  );

  test('INV-12 erasing a sealed detail leaves entry, leaf and proof as they were', async () => {
    const directory = await temporaryFolder();
    const sealed: { opening: string; entryId: string }[] = [];
    const id = await appendAudit(auditPool(), {
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
    expect((await auditPool().query('select * from audit_details')).rows).toEqual([{ entry_id: id, sealed: Buffer.of(1, 2, 3) }]);
    await sequencerOf(directory).runOnce();
    await auditPool().query('delete from audit_details');
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
    const slow = await auditPool().connect();
    await slow.query('begin');
    if (early !== undefined) await slow.query(`insert into audit_entries (id, bytes) values ($1, $2)`, [early.id, early.bytes]);
    for (const { id, bytes } of later) await auditPool().query('insert into audit_entries (id, bytes) values ($1, $2)', [id, bytes]);
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
    const clients = await Promise.all(Array.from({ length: 6 }, () => auditPool().connect()));
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

  test('sequencers that take turns in one folder read what the other appended, not the log from its beginning', async () => {
    const directory = await temporaryFolder();
    const repairs: unknown[] = [];
    let rowsRead = 0;
    const counting: SqlPool = {
      async connect() {
        const client = await auditPool().connect();
        return {
          async query(text, values) {
            const result = await client.query<Record<string, unknown>>(text, values);
            if (text.includes('from audit_leaves')) rowsRead += result.rows.length;
            return result;
          },
          release: (destroy) => client.release(destroy),
        };
      },
    };
    const onRepair = (repair: unknown): void => void repairs.push(repair);
    const pair = [0, 1].map(() => sequencerOf(directory, { pool: counting, batch: 100, onRepair }));
    await append(600);
    for (const sequencer of pair) await sequencer.runOnce();
    rowsRead = 0;
    const turns = 10;
    for (let turn = 0; turn < turns; turn += 1) {
      await append(30);
      await pair[turn % 2]?.runOnce();
    }
    // Each turn reads what the other has appended, what is still without a place, what it appends itself, and how long the log is.
    expect(rowsRead).toBeLessThanOrEqual(turns * (3 * 30 + 1));
    expect(repairs).toEqual([]);
    expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: true, size: 900 });

    const { leaves } = auditLayout(directory);
    await append(5);
    await pair[0]?.runOnce();
    await truncate(leaves, 7);
    await pair[1]?.runOnce();
    expect(repairs).toEqual([{ file: 'leaves', what: 'completed' }]);
    expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: true, size: 905 });
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
    const flaky = { connect: async () => (away ? Promise.reject(new Error('the database is away')) : auditPool().connect()) };
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

  test('INV-16 a database or folder that holds the log of the other mode is refused, and left as it is', async () => {
    const directory = await temporaryFolder();
    await append(2);
    await sequencerOf(directory).runOnce();
    const other = 'zhida.example/production/relay-440299';
    const refused = { code: 'ZD_ERR_OPTION_INVALID', at: 'origin' };
    await expect(sequencerOf(await temporaryFolder(), { origin: other }).runOnce()).rejects.toMatchObject(refused);
    await withOtherDatabase(async (pool) => {
      const run = sequencerOf(directory, { origin: other, pool }).runOnce();
      await expect(run).rejects.toMatchObject({ ...refused, at: 'directory' });
    });
    expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: true, size: 2 });
  });

  test('refuses options out of bounds', () => {
    const options = { pool: auditPool(), directory: '/nowhere', origin: ORIGIN, signer };
    for (const more of [{ batch: 0 }, { batch: 1001 }, { intervalMs: 0 }, { origin: 'two words' }, { signer: { ...signer, name: '' } }]) {
      expect(() => createSequencer({ ...options, ...more })).toThrow(expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID' }));
    }
  });
});
