import { randomBytes } from 'node:crypto';
import { provisionDatabase } from '@zhida/database/embedded';
import pg from 'pg';
import { inject } from 'vitest';
import './provided.js';

/** A fresh database with a role of its own, as a party has one. */
export interface TestDatabase {
  url: string;
  database: string;
  role: string;
  /** Ends what is still connected and removes database and role. */
  drop(): Promise<void>;
}

/** Makes an empty database on the run's server. For `*.int.test.ts` files, once per file or test. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const administratorUrl = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(18).toString('base64url');
  await provisionDatabase(administratorUrl, { database: name, role: name, password });
  const url = new URL(administratorUrl);
  url.username = name;
  url.password = password;
  url.pathname = `/${name}`;
  return { url: url.href, database: name, role: name, drop: () => drop(administratorUrl, name) };
}

async function drop(administratorUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: administratorUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`drop database if exists "${name}" with (force)`);
    await client.query(`drop role if exists "${name}"`);
  } finally {
    await client.end();
  }
}
