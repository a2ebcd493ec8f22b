import pg from 'pg';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { createTestDatabase, describeWithRedis } from '@zhida/testkit';

describe('createTestDatabase', () => {
  it('gives an empty database that its own role owns, and removes both', async () => {
    const database = await createTestDatabase();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('create table note (id integer primary key)');
    const { rows } = await client.query('select current_user::text as role, current_database()::text as name');
    expect(rows).toEqual([{ role: database.role, name: database.database }]);
    await client.end();
    await database.drop();
    await expect(new pg.Client({ connectionString: database.url }).connect()).rejects.toMatchObject({ code: '28P01' });
  });
});

describeWithRedis('the shared redis-server', (url) => {
  it('answers', async () => {
    const redis = new Redis(url);
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
  });
});
