import { createTestDatabase, type TestDatabase } from '@zhida/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type OpenDatabase, openDatabase } from '../src/index.js';

let place: TestDatabase;
let database: OpenDatabase<unknown>;

beforeAll(async () => {
  place = await createTestDatabase();
});
afterAll(async () => place.drop());
beforeEach(() => {
  database = openDatabase({ url: place.url, maxConnections: 1 });
});
afterEach(async () => database.close());

async function prepared(): Promise<string[]> {
  const { rows } = await database.pool.query<{ statement: string }>('select statement from pg_prepared_statements order by prepare_time');
  return rows.map(({ statement }) => statement);
}

async function times(count: number, text: string, values: unknown[]): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let time = 0; time < count; time += 1) all.push(...(await database.pool.query(text, values)).rows);
  return all;
}

test('a statement that comes again is prepared, one that is rare or takes whatever columns there are is not', async () => {
  expect(await times(4, 'select $1::integer + 1 as sum', [41])).toEqual(Array.from({ length: 4 }, () => ({ sum: 42 })));
  await times(2, 'select $1::integer + 2 as sum', [40]);
  await times(4, 'select * from (select $1::integer as one) as rows', [1]);
  await times(4, 'select rows.* from (select $1::integer as one) as rows', [1]);
  await times(4, 'select 1 as first, * from (select $1::integer as one) as rows', [1]);
  const prepares = ['select $1::integer * 2 as double', 'select count(*) from generate_series(1, $1)', 'select (1 + $1) * 2 as twice'];
  for (const text of prepares) await times(4, text, [3]);
  expect(await prepared()).toEqual(['select $1::integer + 1 as sum', ...prepares]);
});

test('a connection keeps so many statements and no more', async () => {
  for (let size = 1; size <= 203; size += 1)
    await times(
      3,
      `select array[${Array.from({ length: size }, (_, index) => `$${index + 1}::integer`).join(', ')}] as row`,
      Array(size).fill(1),
    );
  expect(await prepared()).toHaveLength(200);
});

test('a conflict whose index is named by a condition with a value finds it every time', async () => {
  await database.pool.query('create table kinds (name text, kind text)');
  await database.pool.query("create unique index kinds_once on kinds (name) where kind = 'only'");
  const insert = 'insert into kinds (name, kind) values ($1, $2) on conflict ("name") where "kind" = $3 do nothing returning name';
  expect(await times(12, insert, ['one', 'only', 'only'])).toEqual([{ name: 'one' }]);
});

test('inside a transaction as outside, errors come as they are', async () => {
  const client = await database.pool.connect();
  try {
    for (let time = 0; time < 4; time += 1)
      await expect(client.query('select 1 / $1::integer', [0])).rejects.toMatchObject({ code: '22012' });
    expect((await client.query('select 1 / $1::integer as one', [1])).rows).toEqual([{ one: 1 }]);
  } finally {
    client.release();
  }
});

test('a plan whose result has another shape since a migration fails once and is made anew', async () => {
  await database.pool.query('create table shapes (id integer, what integer)');
  await database.pool.query('insert into shapes values (1, 7)');
  const read = async (): Promise<unknown[]> => (await database.pool.query('select what from shapes where id = $1', [1])).rows;
  for (let time = 0; time < 4; time += 1) expect(await read()).toEqual([{ what: 7 }]);
  await database.pool.query('alter table shapes alter column what type text');
  await expect(read()).rejects.toMatchObject({ code: '0A000' });
  for (let time = 0; time < 4; time += 1) expect(await read()).toEqual([{ what: '7' }]);
});
