import { migrate, openDatabase } from '@zhida/database';
import { createTestDatabase } from '@zhida/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GatewaySchema } from '../src/index.js';
import { gatewayMigrations } from '../src/migrations.js';

let server: Awaited<ReturnType<typeof createTestDatabase>>;
let database: ReturnType<typeof openDatabase<GatewaySchema>>;
beforeAll(async () => {
  server = await createTestDatabase();
  database = openDatabase<GatewaySchema>({ url: server.url });
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

test('a handover of before keeps what of it is of an exercise, apart and without a word in front of its number', async () => {
  const before = gatewayMigrations.findIndex(({ id }) => id === '0016-handovers-of-exercises');
  await migrate(database.pool, gatewayMigrations.slice(0, before), { namespace: 'gateway' });
  await database.pool.query(
    `insert into desk_handovers values
       ('hnd_1', 'F', 'Z001', now(), '{440299-1,"exercise 440299-2",—,"exercise —"}', null, null), ('hnd_2', 'F', 'Z001', now(), '{440299-3}', null, null)`,
  );
  await migrate(database.pool, gatewayMigrations, { namespace: 'gateway' });
  const { rows } = await database.pool.query('select open_rows, exercise_rows from desk_handovers order by handover_id');
  expect(rows).toEqual([
    { open_rows: ['440299-1', '—'], exercise_rows: ['440299-2', '—'] },
    { open_rows: ['440299-3'], exercise_rows: [] },
  ]);
});

test('what waits for a review is found by an index', async () => {
  const client = await database.pool.connect();
  try {
    await client.query('set enable_seqscan = off');
    const { rows } = await client.query(`explain select id from prompts where facility = 'F' and level = 'red' and state = 'decided'`);
    expect(JSON.stringify(rows)).toContain('prompts_decided');
  } finally {
    client.release();
  }
});
