import { type Generated, sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Migration, type OpenDatabase, assertDurable, executorOf, migrate, openDatabase } from '@zhida/database';
import { type TestDatabase, createTestDatabase, waitUntil } from '@zhida/testkit';

interface Schema {
  press: { id: Generated<number>; label: string };
}

const FIRST: Migration = { id: '0001-press', sql: 'create table press (id bigserial primary key, label text not null)' };
const SECOND: Migration = {
  id: '0002-index',
  sql: 'create index press_label on press (label); alter table press add column at timestamptz',
};

let place: TestDatabase;
let database: OpenDatabase<Schema>;

beforeAll(async () => {
  place = await createTestDatabase();
  database = openDatabase<Schema>({ url: place.url, applicationName: 'zhida-test' });
});

afterAll(async () => {
  await database.close();
  await place.drop();
});

async function freshPool(): Promise<{ pool: pg.Pool; drop: () => Promise<void> }> {
  const fresh = await createTestDatabase();
  const opened = openDatabase({ url: fresh.url });
  return { pool: opened.pool, drop: () => opened.close().then(() => fresh.drop()) };
}

describe('migrate', () => {
  it('applies what is missing, in order, and nothing the second time', async () => {
    expect(await migrate(database.pool, [FIRST], { namespace: 'relay' })).toEqual(['0001-press']);
    expect(await migrate(database.pool, [FIRST, SECOND], { namespace: 'relay' })).toEqual(['0002-index']);
    expect(await migrate(database.pool, [FIRST, SECOND], { namespace: 'relay' })).toEqual([]);
  });

  it('keeps two packages of one database apart by namespace', async () => {
    const other: Migration = { id: '0001-press', sql: 'create table other (id integer)' };
    expect(await migrate(database.pool, [other], { namespace: 'audit-log' })).toEqual(['0001-press']);
  });

  it('of eight processes at once one migrates and the others find it done', async () => {
    const { pool, drop } = await freshPool();
    const results = await Promise.all(Array.from({ length: 8 }, () => migrate(pool, [FIRST, SECOND], { namespace: 'relay' })));
    expect(results.filter((applied) => applied.length === 2)).toHaveLength(1);
    expect(results.filter((applied) => applied.length === 0)).toHaveLength(7);
    await drop();
  });

  it('leaves nothing behind when one of several fails, and names it', async () => {
    const { pool, drop } = await freshPool();
    const broken: Migration = { id: '0002-broken', sql: 'alter table nowhere add column at timestamptz' };
    await expect(migrate(pool, [FIRST, broken], { namespace: 'relay' })).rejects.toMatchObject({
      code: 'ZD_ERR_MIGRATION',
      at: 'relay/0002-broken',
    });
    expect((await pool.query("select to_regclass('press') as press, to_regclass('schema_migrations') as migrations")).rows).toEqual([
      { press: null, migrations: null },
    ]);
    await drop();
  });

  it.each([
    ['was changed after it was applied', [{ ...FIRST, sql: `${FIRST.sql} ` }, SECOND]],
    ['is unknown to this older program', [FIRST]],
    ['stands elsewhere in the list', [{ id: '0000-new', sql: 'select 1' }, FIRST, SECOND]],
  ])('refuses a database of which a migration %s', async (_why, migrations) => {
    await expect(migrate(database.pool, migrations, { namespace: 'relay' })).rejects.toMatchObject({ code: 'ZD_ERR_MIGRATION' });
  });

  it('lets an older program start on a database that only has more, and finds later what it does not know yet', async () => {
    const { pool, drop } = await freshPool();
    const adding: Migration = { id: '0003-note', sql: 'alter table press add column note text', additive: true };
    const changing: Migration = { id: '0004-note', sql: 'alter table press drop column note' };
    await migrate(pool, [FIRST, SECOND, adding], { namespace: 'relay' });
    expect(await migrate(pool, [FIRST, SECOND], { namespace: 'relay' })).toEqual([]);
    expect(await migrate(pool, [FIRST, SECOND, adding, changing], { namespace: 'relay' })).toEqual(['0004-note']);
    await expect(migrate(pool, [FIRST, SECOND], { namespace: 'relay' })).rejects.toMatchObject({
      code: 'ZD_ERR_MIGRATION',
      at: 'relay/0004-note',
    });
    await drop();
  });

  it('marks one that was applied before it was known to only add', async () => {
    const { pool, drop } = await freshPool();
    const adding: Migration = { id: '0003-note', sql: 'alter table press add column note text' };
    await migrate(pool, [FIRST, adding], { namespace: 'relay' });
    await expect(migrate(pool, [FIRST], { namespace: 'relay' })).rejects.toMatchObject({ at: 'relay/0003-note' });
    await migrate(pool, [FIRST, { ...adding, additive: true }], { namespace: 'relay' });
    expect(await migrate(pool, [FIRST], { namespace: 'relay' })).toEqual([]);
    await drop();
  });

  it('says that the database cannot be reached when it cannot', async () => {
    const nowhere = openDatabase({ url: 'postgresql://nobody:nothing@127.0.0.1:1/none' });
    await expect(migrate(nowhere.pool, [FIRST], { namespace: 'relay' })).rejects.toMatchObject({ code: 'ZD_ERR_DATABASE_UNAVAILABLE' });
    await nowhere.close();
  });
});

describe('openDatabase', () => {
  it('reads bigint and counts as numbers, a date as text, an instant as a Date', async () => {
    const { rows } = await sql<
      Record<string, unknown>
    >`select 9007199254740991::bigint as big, count(*) as count, date '2026-05-03' as day, timestamptz '2026-05-03 21:10+08' as at, 1.50::numeric as sum`.execute(
      database.db,
    );
    expect(rows).toEqual([{ big: 9007199254740991, count: 1, day: '2026-05-03', at: new Date('2026-05-03T13:10:00Z'), sum: '1.50' }]);
  });

  it('refuses a bigint it cannot hold, without quoting it', async () => {
    const error: unknown = await database.pool.query('select 9007199254740993::bigint as big').catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(RangeError);
    expect(String(error)).not.toContain('9007199254740993');
  });

  it('names itself to the server and limits a statement and a forgotten transaction', async () => {
    const limited = openDatabase({ url: place.url, statementTimeoutMs: 50, applicationName: 'zhida-relay' });
    const { rows } = await limited.pool.query(
      "select current_setting('application_name') as name, current_setting('idle_in_transaction_session_timeout') as idle",
    );
    expect(rows).toEqual([{ name: 'zhida-relay', idle: '1min' }]);
    await expect(limited.pool.query('select pg_sleep(5)')).rejects.toMatchObject({ code: '57014' });
    await limited.close();
  });

  it('survives the end of an idle connection and opens another', async () => {
    const errors: Error[] = [];
    const watched = openDatabase({ url: place.url, applicationName: 'zhida-idle', onIdleError: (error) => errors.push(error) });
    await watched.pool.query('select 1');
    await database.pool.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'zhida-idle'");
    await waitUntil(() => errors.length > 0, { what: 'the pool tells of the broken connection' });
    expect((await watched.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await watched.close();
  });

  it('uses the pool it is given, and closes it once however often it is asked', async () => {
    const statements: string[] = [];
    class WatchedClient extends pg.Client {
      // Every statement passes here, a builder's too.
      override query = ((...args: Parameters<pg.Client['query']>) => {
        const [first] = args as unknown[];
        statements.push(typeof first === 'string' ? first : String((first as { text?: string }).text));
        return pg.Client.prototype.query.apply(this, args);
      }) as pg.Client['query'];
    }
    const pool = new pg.Pool({ connectionString: place.url, Client: WatchedClient });
    const watched = openDatabase<Schema>({ url: place.url, pool });
    await watched.db.insertInto('press').values({ label: 'watched' }).execute();
    expect(statements).toContainEqual('insert into "press" ("label") values ($1)');
    await Promise.all([watched.close(), watched.close()]);
    expect(pool.ended).toBe(true);
  });
});

describe('executorOf', () => {
  it('writes inside the caller’s transaction: what is rolled back is gone', async () => {
    const before = await database.db
      .selectFrom('press')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    const failing = database.db.transaction().execute(async (transaction) => {
      const { rows } = await executorOf(transaction).query('insert into press (label) values ($1) returning label', ['rolled back']);
      expect(rows).toEqual([{ label: 'rolled back' }]);
      throw new Error('roll back');
    });
    await expect(failing).rejects.toThrow('roll back');
    const after = await database.db
      .selectFrom('press')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    expect(after).toEqual(before);
  });
});

describe('assertDurable', () => {
  it('accepts the embedded server', async () => {
    await expect(assertDurable(database.pool)).resolves.toBeUndefined();
  });

  it('refuses a role whose commits do not wait for the disk', async () => {
    const { pool, drop } = await freshPool();
    await pool.query('alter role current_user set synchronous_commit = off');
    const weak = new pg.Pool(pool.options);
    await expect(assertDurable(weak)).rejects.toMatchObject({ code: 'ZD_ERR_DATABASE_NOT_DURABLE', at: 'synchronous_commit' });
    await weak.end();
    await drop();
  });
});
