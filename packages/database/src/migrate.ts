import { createHash } from 'node:crypto';
import { ZhidaError, invariant, isZhidaError } from '@zhida/core';
import type pg from 'pg';
import { asUnavailable } from './unavailable.js';

/** One step of a schema. Once released it never changes; a correction is another migration. */
export interface Migration {
  /** Unique in its namespace, for example `0001-reports`. */
  id: string;
  sql: string;
  /**
   * True if it only adds: tables, indexes, columns that are null or have a default. A program that does not know it yet works on
   * beside it, and starts again on it, so that processes are exchanged one after the other and a new version can be taken back.
   */
  additive?: boolean;
}

const TABLE = `create table if not exists schema_migrations (
  namespace text not null,
  id text not null,
  position integer not null,
  checksum text not null,
  applied_at timestamptz not null default now(),
  primary key (namespace, id)
)`;
const ADDITIVE = 'alter table schema_migrations add column if not exists additive boolean not null default false';

/** "zhida mi" in ASCII: the lock that lets one process migrate a database at a time. */
const LOCK = '8821889914812229993';

/**
 * Brings the database to the last of these migrations, all of them or none, in one transaction. Several packages share a
 * database under a namespace each; several processes may call this at once, one works and the others find it done.
 *
 * @returns ids applied by this call, in order
 * @throws ZhidaError `ZD_ERR_MIGRATION` when a migration fails, was changed after it was applied, or the database is newer
 *   than this program by one that does more than add; `ZD_ERR_DATABASE_UNAVAILABLE` when the database cannot be reached.
 */
export async function migrate(pool: pg.Pool, migrations: readonly Migration[], options: { namespace: string }): Promise<string[]> {
  invariant(new Set(migrations.map(({ id }) => id)).size === migrations.length, 'two migrations of one namespace have the same id');
  const client = await pool.connect().catch((error: unknown) => {
    throw failure(error, options.namespace);
  });
  let broken = false;
  try {
    await client.query('begin');
    await client.query('set local statement_timeout = 0');
    await client.query(`select pg_advisory_xact_lock(${LOCK})`);
    const applied = await applyMissing(client, migrations, options.namespace);
    await client.query('commit');
    return applied;
  } catch (error) {
    await client.query('rollback').catch(() => (broken = true));
    throw failure(error, options.namespace);
  } finally {
    client.release(broken);
  }
}

/**
 * Looks at what {@link migrate} would find, and writes nothing.
 *
 * @returns ids that are applied, in order; those of a newer program stand last
 * @throws ZhidaError `ZD_ERR_MIGRATION` where `migrate` would refuse the schema, `at` naming the migration.
 */
export async function inspectSchema(
  pool: pg.Pool,
  migrations: readonly Migration[],
  { namespace }: { namespace: string },
): Promise<string[]> {
  const { rows } = await pool.query<{ there: boolean }>("select to_regclass('schema_migrations') is not null as there");
  return rows[0]?.there === true ? appliedIn(pool, migrations, namespace) : [];
}

async function applyMissing(client: pg.PoolClient, migrations: readonly Migration[], namespace: string): Promise<string[]> {
  await client.query(TABLE);
  await client.query(ADDITIVE);
  const applied = await appliedIn(client, migrations, namespace);
  await markAdditive(client, migrations, namespace);
  const missing = migrations.slice(applied.length);
  for (const [index, migration] of missing.entries()) {
    await run(client, migration, namespace);
    await client.query('insert into schema_migrations (namespace, id, position, checksum, additive) values ($1, $2, $3, $4, $5)', [
      namespace,
      migration.id,
      applied.length + index,
      checksumOf(migration),
      migration.additive === true,
    ]);
  }
  return missing.map(({ id }) => id);
}

async function appliedIn(database: pg.Pool | pg.PoolClient, migrations: readonly Migration[], namespace: string): Promise<string[]> {
  // A database that no newer program has opened yet lacks the column.
  const { rows } = await database.query<AppliedRow>(
    `select id, checksum, coalesce((to_jsonb(applied)->>'additive')::boolean, false) as additive
     from schema_migrations applied where namespace = $1 order by position`,
    [namespace],
  );
  rows.forEach((row, position) => checkApplied(row, migrations[position], namespace));
  return rows.map(({ id }) => id);
}

/** One that was applied before it was known to only add: a program from before it may start here from now on. */
async function markAdditive(client: pg.PoolClient, migrations: readonly Migration[], namespace: string): Promise<void> {
  const ids = migrations.filter(({ additive }) => additive === true).map(({ id }) => id);
  await client.query('update schema_migrations set additive = true where namespace = $1 and id = any($2) and not additive', [
    namespace,
    ids,
  ]);
}

interface AppliedRow {
  id: string;
  checksum: string;
  additive: boolean;
}

function checkApplied(row: AppliedRow, migration: Migration | undefined, namespace: string): void {
  const at = `${namespace}/${row.id}`;
  if (migration === undefined) {
    if (row.additive) return;
    throw new ZhidaError('ZD_ERR_MIGRATION', 'the database is newer than this program: it holds a migration the program does not know', {
      at,
    });
  }
  if (migration.id !== row.id)
    throw new ZhidaError('ZD_ERR_MIGRATION', 'the applied migrations are not the first ones of the list', { at });
  if (checksumOf(migration) !== row.checksum)
    throw new ZhidaError('ZD_ERR_MIGRATION', 'a migration was changed after it was applied', { at });
}

async function run(client: pg.PoolClient, migration: Migration, namespace: string): Promise<void> {
  try {
    await client.query(migration.sql);
  } catch (error) {
    throw (
      asUnavailable(error) ?? new ZhidaError('ZD_ERR_MIGRATION', 'a migration failed', { at: `${namespace}/${migration.id}`, cause: error })
    );
  }
}

function checksumOf({ sql }: Migration): string {
  return createHash('sha256').update(sql).digest('hex');
}

function failure(error: unknown, namespace: string): unknown {
  if (isZhidaError(error)) return error;
  return (
    asUnavailable(error) ??
    new ZhidaError('ZD_ERR_MIGRATION', 'the schema could not be brought up to date', { at: namespace, cause: error })
  );
}
