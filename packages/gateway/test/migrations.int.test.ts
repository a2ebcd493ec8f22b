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
  await migrate(database.pool, gatewayMigrations, { namespace: 'gateway' });
});
afterAll(async () => {
  await database.close();
  await server.drop();
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
