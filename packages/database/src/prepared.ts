import { createHash } from 'node:crypto';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';

/** A statement that is sent so often is worth a plan of its own on every connection. */
const WORTH_IT = 5;
/** Each keeps some memory in every backend. Statements of many shapes, such as inserts of any number of rows, may not fill it. */
const STATEMENTS_MAX = 250;
const SEEN_MAX = 2_000;
/** Its columns may change under a process while a newer one migrates, and the server refuses a prepared statement whose columns did. */
const STAR = /(?:\bselect|\breturning|,)\s+(?:distinct\s+)?(?:"?\w+"?\.)?\*/i;

/** What has a plan at all: `begin` and its like have none. */
const PLANNED = /^\s*(?:select|insert|update|delete|with)\b/i;

/**
 * The pool as the query builder uses it: what is sent again and again is prepared under a name on each connection. Reading and
 * planning a statement otherwise costs the server several times what running it does. Names are of a session, so there is no
 * pooler by transaction between.
 */
export function preparing(pool: pg.Pool): PostgresPool {
  const seen = new Map<string, number>();
  const names = new Map<string, string>();

  function nameOf(text: string): string | undefined {
    const name = names.get(text);
    if (name !== undefined || names.size >= STATEMENTS_MAX) return name;
    const times = (seen.get(text) ?? 0) + 1;
    if (times < WORTH_IT || STAR.test(text) || !PLANNED.test(text)) {
      if (seen.size >= SEEN_MAX) seen.clear();
      seen.set(text, times);
      return undefined;
    }
    seen.delete(text);
    const made = `zd_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
    names.set(text, made);
    return made;
  }

  return {
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect();
      const query = (text: string, values: readonly unknown[]): unknown => client.query(configOf(text, values, nameOf(text)));
      return { query, release: () => client.release() } as PostgresPoolClient;
    },
  };
}

function configOf(text: string, values: readonly unknown[], name: string | undefined): pg.QueryConfig {
  return name === undefined ? { text, values: [...values] } : { name, text, values: [...values] };
}
