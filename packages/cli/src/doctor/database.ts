import { type Clock, isZhidaError } from '@zhida/core';
import { assertDurable, asUnavailable, inspectSchema, type Migration, type OpenDatabase, openDatabase } from '@zhida/database';
import { type CheckLine, look, right, wrong } from './check.js';

/** A schema a service keeps in its database. */
export interface Schema {
  readonly namespace: 'relay' | 'gateway' | 'receiver';
  readonly migrations: readonly Migration[];
}

type Pool = OpenDatabase<unknown>['pool'];

const WITHOUT_TABLES: ReadonlySet<CheckLine['says']> = new Set<CheckLine['says']>(['schemaNone', 'schemaChanged', 'schemaTooNew']);
const SKEW_LOOK_MS = 2_000;
/** How far relay and agency let two clocks be apart when they verify. */
const SKEW_WRONG_MS = 60_000;

/** Looks at a database, and hands it to `more` while it is open. Nothing is written, no migration is run. */
export async function databaseLines(
  url: string,
  schema: Schema,
  clock: Clock,
  more: (database: OpenDatabase<unknown>) => Promise<readonly CheckLine[]>,
): Promise<CheckLine[]> {
  const database = openDatabase<unknown>({ url, applicationName: 'zhida doctor', maxConnections: 1 });
  try {
    const lines = [
      await reachedLine(database.pool),
      await durableLine(database.pool),
      await clockLine(database.pool, clock),
      ...(await schemaLines(database.pool, schema)),
    ];
    // What is asked of tables is asked where they are as this program knows them.
    return lines.some(({ says }) => WITHOUT_TABLES.has(says)) ? lines : [...lines, ...(await more(database))];
  } catch (error) {
    const { code } = asUnavailable(error) ?? (error as { code?: unknown });
    return [wrong('databaseAway', 'databaseAway', { why: typeof code === 'string' ? code : 'unknown' })];
  } finally {
    await database.close();
  }
}

async function reachedLine(pool: Pool): Promise<CheckLine> {
  const { rows } = await pool.query<{ version: string; only: string; size: string }>(
    "select current_setting('server_version') as version, current_setting('transaction_read_only') as only, pg_size_pretty(pg_database_size(current_database())) as size",
  );
  const { version = '', only = '', size = '' } = rows[0] ?? {};
  return only === 'on' ? wrong('databaseReadOnly', 'databaseReadOnly') : right('database', { version, size });
}

async function durableLine(pool: Pool): Promise<CheckLine> {
  try {
    await assertDurable(pool);
    return right('durable');
  } catch (error) {
    if (!isZhidaError(error) || error.code !== 'ZD_ERR_DATABASE_NOT_DURABLE') throw error;
    return wrong('notDurable', 'durable', { setting: error.at ?? '' });
  }
}

async function clockLine(pool: Pool, clock: Clock): Promise<CheckLine> {
  const before = clock.now();
  const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now');
  const here = (before + clock.now()) / 2;
  const apart = Math.abs((rows[0]?.now.getTime() ?? here) - here);
  const values = { seconds: (apart / 1000).toFixed(1) };
  if (apart > SKEW_WRONG_MS) return wrong('clock', 'clock', values);
  return apart > SKEW_LOOK_MS ? look('clock', 'clock', values) : right('clock', values);
}

async function schemaLines(pool: Pool, { namespace, migrations }: Schema): Promise<CheckLine[]> {
  try {
    const applied = await inspectSchema(pool, migrations, { namespace });
    if (applied.length === 0) return [look('schemaNone', 'schemaNone')];
    const newer = applied.length - migrations.length;
    if (newer > 0) return [look('schemaNewer', 'schemaNewer', { newer })];
    return [newer < 0 ? look('schemaOlder', 'schemaOlder', { missing: -newer }) : right('schema', { newest: applied.at(-1) ?? '' })];
  } catch (error) {
    if (!isZhidaError(error) || error.code !== 'ZD_ERR_MIGRATION') throw error;
    const step = (error.at ?? '').replace(`${namespace}/`, '');
    return migrations.some(({ id }) => id === step)
      ? [wrong('schemaChanged', 'schemaChanged', { step })]
      : [wrong('schemaTooNew', 'schemaTooNew', { step })];
  }
}
