import { createHash } from 'node:crypto';
import pg from 'pg';

/** A statement is prepared when it comes for this time; what comes once or twice is not worth a plan that is kept. */
const PREPARED_FROM = 3;
/** Statements one connection keeps: texts made for a number of rows must not fill the server's memory. */
const PREPARED_MAX = 200;
const SEEN_MAX = 1_000;
/** A star that stands for columns; one between two values multiplies. */
const NEVER = /(?:\.|,\s*|\b(?:select|distinct|all|returning)\s+)\*|\bon conflict\b[^)]*\)\s*where\b/i;
/** `feature_not_supported`: a kept plan whose result has another shape since a migration. `invalid_sql_statement_name`: the server lost it. */
const PLAN_LOST = new Set(['0A000', '26000']);

/**
 * A connection on which statements that come again and again are prepared, so that the server plans them once. The relay asks the
 * same few dozen things for every report, and planning them took more of the server than running them.
 *
 * The server keeps a plan for all values only where it is no dearer than one for each, and makes it anew after `ANALYZE` and after
 * changes of a table (PostgreSQL documentation, PREPARE). Two kinds are not prepared: a statement whose columns are `*`, because
 * another process of the next version may add one, and one that names the index of a conflict by a condition, because without its
 * values no index can be told to be meant.
 */
export class PreparingClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    const plain = this.query.bind(this) as (...parts: unknown[]) => unknown;
    const names = new Names();
    // Over the instance: `query` has more signatures than a method may declare again.
    this.query = ((text: unknown, values: unknown, callback: unknown): unknown => {
      const name = typeof text === 'string' && Array.isArray(values) ? names.of(text) : undefined;
      if (name === undefined) return plain(text, values, callback);
      const statement = { name, text, values };
      if (typeof callback === 'function')
        return plain(statement, (error: unknown, result: unknown) => {
          names.lost(error);
          callback(error, result);
        });
      const running = plain(statement) as Promise<unknown>;
      running.catch((error: unknown) => names.lost(error));
      return running;
    }) as typeof this.query;
  }
}

class Names {
  readonly #times = new Map<string, number>();
  readonly #names = new Map<string, string>();
  #generation = 0;

  of(text: string): string | undefined {
    const name = this.#names.get(text);
    if (name !== undefined) return name;
    const times = (this.#times.get(text) ?? 0) + 1;
    if (times < PREPARED_FROM || this.#names.size >= PREPARED_MAX || NEVER.test(text)) {
      if (this.#times.size < SEEN_MAX) this.#times.set(text, times);
      return undefined;
    }
    this.#times.delete(text);
    const made = `${createHash('sha256').update(text).digest('hex').slice(0, 32)}-${this.#generation}`;
    this.#names.set(text, made);
    return made;
  }

  /** Under new names everything is planned anew. */
  lost(error: unknown): void {
    if (!PLAN_LOST.has(String((error as { code?: unknown } | null | undefined)?.code))) return;
    this.#generation += 1;
    this.#names.clear();
  }
}
