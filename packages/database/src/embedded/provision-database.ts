import pg from 'pg';
import { invariant } from '@zhida/core';
import { startDeadline } from './deadline.js';

/** What a party gets: a database nobody else may enter, and the role that owns it. */
export interface ProvisionOptions {
  database: string;
  role: string;
  password: string;
}

const NAME = /^[a-z][a-z0-9_]{0,62}$/;
const RETRY_MS = 50;
const PROVISION_TIMEOUT_MS = 30_000;
/** Somebody else is making the same role or database, or holds the template: look again in a moment. */
const IN_THE_WAY = new Set(['23505', '42P04', '42710', '55006', 'XX000']);

/**
 * Makes the role and its database, or puts right what a kill left half done; repeating it changes nothing. The role can do
 * nothing outside its own database, and no other role can connect to that, so that no party reads another's rows.
 *
 * @param administratorUrl a superuser's connection
 */
export async function provisionDatabase(administratorUrl: string, options: ProvisionOptions): Promise<void> {
  invariant(NAME.test(options.database), 'a database name is lower-case letters, digits and _');
  invariant(NAME.test(options.role), 'a role name is lower-case letters, digits and _');
  invariant(/^[A-Za-z0-9_-]{16,}$/.test(options.password), 'a role’s password is at least 16 characters of the base64url alphabet');
  const client = new pg.Client({ connectionString: administratorUrl, connectionTimeoutMillis: 5000, application_name: 'zhida-provision' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await provisionWith(client, options);
  } finally {
    await client.end();
  }
}

async function provisionWith(client: pg.Client, { database, role, password }: ProvisionOptions): Promise<void> {
  const roleExists = 'select 1 from pg_roles where rolname = $1';
  const databaseExists = 'select 1 from pg_database where datname = $1';
  await untilThere(client, roleExists, role, `create role "${role}"`);
  await repeat(
    client,
    `alter role "${role}" with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password '${password}'`,
  );
  await untilThere(client, databaseExists, database, `create database "${database}" owner "${role}" encoding 'UTF8' template template0`);
  await repeat(client, `alter database "${database}" owner to "${role}"`);
  await repeat(client, `revoke all on database "${database}", postgres, template1 from public`);
}

/** Names and password were checked against their alphabets: DDL takes no parameters. */
async function untilThere(client: pg.Client, question: string, name: string, statement: string): Promise<void> {
  const deadline = startDeadline(PROVISION_TIMEOUT_MS);
  for (;;) {
    if ((await client.query(question, [name])).rowCount === 1) return;
    try {
      await client.query(statement);
    } catch (error) {
      if (!isInTheWay(error) || deadline.expired()) throw error;
      await deadline.pause(RETRY_MS);
    }
  }
}

async function repeat(client: pg.Client, statement: string): Promise<void> {
  const deadline = startDeadline(PROVISION_TIMEOUT_MS);
  for (;;) {
    try {
      await client.query(statement);
      return;
    } catch (error) {
      if (!isInTheWay(error) || deadline.expired()) throw error;
      await deadline.pause(RETRY_MS);
    }
  }
}

function isInTheWay(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && IN_THE_WAY.has(error.code);
}
