/** Runs one statement. A `pg` client, a pool client inside a transaction and an adapter over Kysely all fit. */
export interface SqlExecutor {
  query(text: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** A connection of one's own until released; `release(true)` closes it instead of handing it back. */
export interface SqlClient extends SqlExecutor {
  release(destroy?: boolean): void;
}

/** What the sequencer needs of a connection pool: `pg.Pool` fits. Session locks need real sessions, not a transaction pooler. */
export interface SqlPool {
  connect(): Promise<SqlClient>;
}
