import { redisDatabase, type TestQueue, waitUntil } from '@zhida/testkit';
import { Redis } from 'ioredis';
import type { Fixture } from '../../../packages/relay/test/support/fixture.js';

/** What a queue backend lets a test do to it. */
export interface BackendUnderTest {
  readonly name: string;
  queue(databaseUrl: string): TestQueue | Promise<TestQueue>;
  /** Everything the backend holds, as text. */
  contents(fixture: Fixture): Promise<string>;
  /** Empties the backend, as an operator or a crash would. */
  flush(fixture: Fixture): Promise<void>;
}

export const postgresBackend: BackendUnderTest = {
  name: 'PostgreSQL',
  queue: (url) => ({ backend: 'postgres', url }),
  async contents({ database }) {
    const tables = await database.pool.query<{ name: string }>(
      `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'bullmq'`,
    );
    const rows = await Promise.all(
      tables.rows.map(
        async ({ name }) => (await database.pool.query<{ row: string }>(`select to_jsonb(t)::text as row from bullmq.${name} t`)).rows,
      ),
    );
    return rows
      .flat()
      .map(({ row }) => row)
      .join('\n');
  },
  async flush({ database }) {
    const tables = await database.pool.query<{ name: string }>(
      `select 'bullmq.' || quote_ident(table_name) as name from information_schema.tables
       where table_schema = 'bullmq' and table_type = 'BASE TABLE' and table_name not like '%migration%'`,
    );
    const truncate = `truncate ${tables.rows.map(({ name }) => name).join(', ')}`;
    // Workers hold some of them in another order; the one that the server ends for it comes again.
    await waitUntil(async () => database.pool.query(truncate), { what: 'the queue is emptied' });
  },
};

export const redisBackend: BackendUnderTest = {
  name: 'Redis',
  queue: async () => ({ backend: 'redis', url: await redisDatabase() }),
  async contents({ queue }) {
    const client = new Redis(queue.url);
    try {
      const keys = await client.keys('*');
      const values = await Promise.all(
        keys.map(
          async (key) =>
            `${key} ${JSON.stringify((await client.dump(key))?.toString() ?? '')} ${JSON.stringify(await client.hgetall(key).catch(() => ''))}`,
        ),
      );
      return values.join('\n');
    } finally {
      client.disconnect();
    }
  },
  async flush({ queue }) {
    const client = new Redis(queue.url);
    try {
      await client.flushdb();
    } finally {
      client.disconnect();
    }
  },
};
