import { readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { leafHash, publicKeyOfSigner, verifyAuditDirectory } from '../src/index.js';
import { auditLayout, tilePath } from '../src/layout.js';
import { insertAuditEntry } from '../src/postgres.js';
import { append, auditPool, publicKeys, sequencerOf, useAuditDatabase, withOtherDatabase } from './database-fixture.js';
import { someEntries, temporaryFolder, testSigner } from './log-fixture.js';

useAuditDatabase();

describe('after a failure at any point', () => {
  test('a run whose connection fails at its nth statement is made good by the next', async () => {
    const directory = await temporaryFolder();
    for (let failAt = 1; ; failAt += 1) {
      await append(3);
      let statements = 0;
      let armed = true;
      const failing = {
        connect: async () => {
          const client = await auditPool().connect();
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
    await auditPool().query('insert into audit_entries (id, bytes) values ($1, $2)', [first.id, first.bytes]);
    await auditPool().query('insert into audit_leaves values (0, $1, $2)', [first.id, leafHash(first.bytes)]);
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
    await withOtherDatabase(async (pool) => {
      const [other] = someEntries(1);
      await pool.query('insert into audit_entries (id, bytes) values ($1, $2)', [other?.id, other?.bytes]);
      const run = sequencerOf(directory, { pool }).runOnce();
      await expect(run).rejects.toMatchObject({ code: 'ZD_ERR_AUDIT_CORRUPT', message: expect.stringContaining('old backup') });
    });
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
    await auditPool().query('alter table audit_leaves disable trigger audit_leaves_append_only');
    await auditPool().query(statement);
    await expect(sequencerOf(directory).runOnce()).rejects.toMatchObject({ code: 'ZD_ERR_AUDIT_CORRUPT' });
    expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: true, size: 5 });
  });

  test('an entry changed behind the triggers’ back never reaches a file', async () => {
    const directory = await temporaryFolder();
    const [, second] = await append(5);
    await sequencerOf(directory).runOnce();
    await auditPool().query('alter table audit_entries disable trigger audit_entries_append_only');
    await auditPool().query(`update audit_entries set bytes = bytes || ' '::bytea where id = $1`, [second]);
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
    await expect(auditPool().query('insert into audit_entries (id, bytes) values ($1, $2)', ['aud_x', entry?.bytes])).rejects.toMatchObject(
      {
        code: '23514',
      },
    );
    const split = Buffer.from('{"a":\n1}');
    await expect(auditPool().query('insert into audit_entries (id, bytes) values ($1, $2)', [entry?.id, split])).rejects.toMatchObject({
      code: '23514',
    });
    await expect(
      insertAuditEntry({ query: (text, values) => auditPool().query(text, values) }, { entry: { id: 'aud_x' }, bytes: split } as never),
    ).rejects.toMatchObject({ code: '23514' });
  });
});
