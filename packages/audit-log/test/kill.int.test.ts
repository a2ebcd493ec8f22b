import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openDatabase } from '@zhida/database';
import { createTestDatabase } from '@zhida/testkit';
import { expect, test } from 'vitest';
import { builtScript } from '../../../test/fault/support/built-script.js';
import { publicKeyOfSigner, verifyAuditDirectory } from '../src/index.js';
import { auditMigration, createSequencer } from '../src/postgres.js';
import { ORIGIN, temporaryFolder, testSigner } from './log-fixture.js';

/** Commits after which the process is killed: spread over starts, first tiles of a run, and longer runs. */
const KILLED_AFTER = [1, 2, 5, 11, 40, 97];

test('a process killed at any instant leaves a log that verifies up to its checkpoint, and loses no committed entry', async () => {
  const database = await createTestDatabase();
  const opened = openDatabase({ url: database.url });
  const { pool } = opened;
  const directory = await temporaryFolder();
  const signer = testSigner();
  const publicKeys = [publicKeyOfSigner(signer)];
  try {
    await pool.query(auditMigration.sql);
    await createSequencer({ pool, directory, origin: ORIGIN, signer }).runOnce();
    const committed: string[] = [];
    for (const commits of KILLED_AFTER) {
      committed.push(...(await killAfter(commits, [database.url, directory, JSON.stringify(signer.privateKey.export({ format: 'jwk' }))])));
      // As the kill left it, before anything puts it right.
      expect(await verifyAuditDirectory(directory, { publicKeys, allowTail: true })).toMatchObject({ ok: true, problems: [] });
      const { size } = await createSequencer({ pool, directory, origin: ORIGIN, signer }).runOnce();
      expect(size).toBeGreaterThanOrEqual(committed.length);
      expect(await verifyAuditDirectory(directory, { publicKeys })).toMatchObject({ ok: true, size, tail: 0 });
    }
    const { rows } = await pool.query<{ entry_id: string }>('select entry_id from audit_leaves');
    expect(rows.map((row) => row.entry_id)).toEqual(expect.arrayContaining(committed));
    expect((await pool.query('select id from audit_entries')).rows).toHaveLength(rows.length);
  } finally {
    await opened.close();
    await database.drop();
  }
});

/** Ids the child said were committed before it was killed. */
async function killAfter(commits: number, argv: string[]): Promise<string[]> {
  const program = await builtScript(join(import.meta.dirname, 'kill-child.ts'));
  const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const ids: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    ids.push(line);
    if (ids.length === commits) child.kill('SIGKILL');
  }
  await ended;
  return ids;
}
