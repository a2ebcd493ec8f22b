import { describeWithRedis } from '@zhida/testkit';
import { Redis } from 'ioredis';
import { describeDelivery } from '../support/describe-delivery.js';

describeDelivery({
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
});

describeWithRedis('the other backend', (url) => {
  let database = 0;
  describeDelivery({
    name: 'Redis',
    // A database of its own for every relay under test.
    queue: () => {
      database = (database % 15) + 1;
      return { backend: 'redis', url: `${url}/${database}` };
    },
    async contents({ queue }) {
      const redis = new Redis(queue.url);
      try {
        const keys = await redis.keys('*');
        const values = await Promise.all(
          keys.map(
            async (key) =>
              `${key} ${JSON.stringify((await redis.dump(key))?.toString() ?? '')} ${JSON.stringify(await redis.hgetall(key).catch(() => ''))}`,
          ),
        );
        return values.join('\n');
      } finally {
        redis.disconnect();
      }
    },
    async flush({ queue }) {
      const redis = new Redis(queue.url);
      try {
        await redis.flushdb();
      } finally {
        redis.disconnect();
      }
    },
  });
});
