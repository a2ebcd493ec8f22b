import { openDatabase } from '@zhida/database';
import { type TestDatabase, createTestDatabase } from '@zhida/testkit';
import type pg from 'pg';
import { afterEach, beforeEach, expect } from 'vitest';
import { publicKeyOfSigner } from '../src/index.js';
import { type SequencerOptions, auditMigration, createSequencer } from '../src/postgres.js';
import { ORIGIN, someEntries, testSigner } from './log-fixture.js';

export const signer = testSigner();
export const publicKeys = [publicKeyOfSigner(signer)];

let database: TestDatabase;
let opened: { pool: pg.Pool; close: () => Promise<void> };

/** Gives every test of the file an empty audit database of its own. */
export function useAuditDatabase(): void {
  beforeEach(async () => {
    database = await createTestDatabase();
    opened = await openAuditDatabase(database.url);
  });
  afterEach(async () => {
    await opened.close();
    await database.drop();
  });
}

/** The pool of the test's database. */
export function auditPool(): pg.Pool {
  return opened.pool;
}

/** Runs something against one more empty audit database. */
export async function withOtherDatabase(use: (pool: pg.Pool) => Promise<void>): Promise<void> {
  const other = await createTestDatabase();
  const { pool, close } = await openAuditDatabase(other.url);
  try {
    await use(pool);
  } finally {
    await close();
    await other.drop();
  }
}

export function sequencerOf(directory: string, more: Partial<SequencerOptions> = {}) {
  return createSequencer({ pool: auditPool(), directory, origin: ORIGIN, signer, intervalMs: 10, ...more });
}

/** Commits entries in one transaction; returns their ids. */
export async function append(count: number, executor: pg.Pool | pg.PoolClient = auditPool()): Promise<string[]> {
  const entries = someEntries(count);
  await executor.query(
    `insert into audit_entries (id, bytes) select id, decode(hex, 'hex') from unnest($1::text[], $2::text[]) as given (id, hex)`,
    [entries.map(({ id }) => id), entries.map(({ bytes }) => Buffer.from(bytes).toString('hex'))],
  );
  return entries.map(({ id }) => id);
}

/** Entry ids in the order of the log, after checking that the order has no gap. */
export async function order(): Promise<string[]> {
  const { rows } = await auditPool().query<{ index: string; entry_id: string }>('select index, entry_id from audit_leaves order by index');
  expect(rows.map(({ index }) => Number(index))).toEqual(rows.map((_, position) => position));
  return rows.map((row) => row.entry_id);
}

async function openAuditDatabase(url: string): Promise<{ pool: pg.Pool; close: () => Promise<void> }> {
  const { pool, ...database } = openDatabase({ url });
  await pool.query(auditMigration.sql);
  return { pool, close: () => database.close() };
}
