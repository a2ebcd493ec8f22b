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

/** Tables that many tests start from: made once in the run, copied for each. */
export interface Tables {
  /** Lower-case letters. */
  readonly name: string;
  make(url: string): Promise<void>;
}

/** Makes a database on the run's server, empty or with these tables. For `*.int.test.ts` files, once per file or test. */
export async function createTestDatabase(tables?: Tables): Promise<TestDatabase> {
  const administratorUrl = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  if (tables !== undefined) await copyTables(administratorUrl, tables, name);
  const url = await provision(administratorUrl, name);
  return { url, database: name, role: name, drop: () => drop(administratorUrl, name) };
}

/** A database and its role, both of this name. */
async function provision(administratorUrl: string, name: string): Promise<string> {
  const password = randomBytes(18).toString('base64url');
  await provisionDatabase(administratorUrl, { database: name, role: name, password });
  const url = new URL(administratorUrl);
  url.username = name;
  url.password = password;
  url.pathname = `/${name}`;
  return url.href;
}

async function copyTables(administratorUrl: string, tables: Tables, name: string): Promise<void> {
  const template = `tables_${tables.name}`;
  await as(administratorUrl, async (client) => {
    // The workers come for it at the same moment.
    await client.query('select pg_advisory_lock(hashtext($1))', [template]);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [template]);
    if (rowCount === 0) {
      await tables.make(await provision(administratorUrl, template));
      // Otherwise `reassign owned` in a copy would hand over the template as well.
      await client.query(`alter database "${template}" owner to current_user`);
    }
    await client.query(`create role "${name}"`);
    await client.query(`create database "${name}" owner "${name}" template "${template}"`);
  });
  const copy = new URL(administratorUrl);
  copy.pathname = `/${name}`;
  await as(copy.href, async (client) => {
    await client.query(`reassign owned by "${template}" to "${name}"`);
  });
}

async function drop(administratorUrl: string, name: string): Promise<void> {
  await as(administratorUrl, async (client) => {
    await client.query(`drop database if exists "${name}" with (force)`);
    await client.query(`drop role if exists "${name}"`);
  });
}

async function as(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
