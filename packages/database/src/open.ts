import { invariant } from '@zhida/core';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { PreparingClient } from './preparing-client.js';

/** Options of {@link openDatabase}. */
export interface OpenOptions {
  url: string;
  /** @defaultValue 10 */
  maxConnections?: number;
  /** Shown in `pg_stat_activity`. @defaultValue `zhida` */
  applicationName?: string;
  /** A statement that runs longer is cancelled. @defaultValue 30 000 */
  statementTimeoutMs?: number;
  /** Told when an idle connection breaks, for example because the server restarts. The pool opens another by itself. */
  onIdleError?: (error: Error) => void;
  /** A pool to use instead of one made from the options above, so that a test can watch or break statements. */
  pool?: pg.Pool;
}

/** A pool and the typed query builder over it. */
export interface OpenDatabase<Schema> {
  db: Kysely<Schema>;
  pool: pg.Pool;
  /** Waits for the statements under way and closes every connection, also of a pool that was handed in. Repeating it does nothing. */
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5000;
const STATEMENT_TIMEOUT_MS = 30_000;
/** A transaction that its process forgot would hold its locks for ever. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;

/**
 * Opens a pool. It connects with the first statement, so this neither waits nor fails.
 *
 * Types: `bigint` and `count(*)` come as numbers, refused beyond 2⁵³; `date` as `YYYY-MM-DD` text, because a calendar day
 * has no zone; `timestamptz` as `Date`; `numeric` as text; `json` parsed; `bytea` as `Buffer`.
 */
export function openDatabase<Schema>(options: OpenOptions): OpenDatabase<Schema> {
  const pool = options.pool ?? createPool(options);
  // Without a listener, node ends the whole process when an idle connection breaks.
  pool.on('error', (error) => options.onIdleError?.(error));
  // The pool listens only while a connection is idle; one that breaks inside a transaction, between two statements, would
  // end the process too. Its next statement fails, and that is the answer.
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  let closing: Promise<void> | undefined;
  return {
    db,
    pool,
    close: () => {
      closing ??= pool.ended ? Promise.resolve() : pool.end();
      return closing;
    },
  };
}

function createPool(options: OpenOptions): pg.Pool {
  const max = options.maxConnections ?? MAX_CONNECTIONS;
  invariant(Number.isInteger(max) && max >= 1, 'a pool has at least one connection');
  return new pg.Pool({
    Client: PreparingClient,
    connectionString: options.url,
    max,
    application_name: options.applicationName ?? 'zhida',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser },
  });
}

const getTypeParser: pg.CustomTypesConfig['getTypeParser'] = (oid, format) => {
  if (format !== 'binary' && oid === pg.types.builtins.INT8) return parseSafeInteger;
  if (format !== 'binary' && oid === pg.types.builtins.DATE) return String;
  return pg.types.getTypeParser(oid, format) as (value: string | Buffer) => unknown;
};

function parseSafeInteger(text: string): number {
  const value = Number(text);
  // The message must not hold the value; the query fails with it.
  if (!Number.isSafeInteger(value)) throw new RangeError('a bigint of the database is beyond 2^53');
  return value;
}
