import { deployment, describeWithRedis, redisDatabase } from '@zhida/testkit';
import { Redis } from 'ioredis';
import { type BackendUnderTest, describeDelivery } from '../support/describe-delivery.js';

const postgres: BackendUnderTest = {
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
    await database.pool.query(`truncate ${tables.rows.map(({ name }) => name).join(', ')}`);
  },
};

const redis: BackendUnderTest = {
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

// Asked for two processes, each backend runs in its own cell of the matrix.
const { queue, relays } = deployment();
if (queue === 'postgres') describeDelivery(postgres);
if (queue === 'redis' || relays === 1) describeWithRedis('the other backend', () => describeDelivery(redis));
