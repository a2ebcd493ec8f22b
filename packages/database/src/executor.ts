import { CompiledQuery, type Kysely, type Transaction } from 'kysely';

/** The least a package needs to run SQL inside its caller's transaction: a `pg` client has this shape too. */
export interface SqlExecutor {
  query(text: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** Lets a package that knows no query builder write inside this transaction. */
export function executorOf<Schema>(transaction: Transaction<Schema> | Kysely<Schema>): SqlExecutor {
  return {
    query: async (text, values) => {
      const { rows } = await transaction.executeQuery<Record<string, unknown>>(CompiledQuery.raw(text, values));
      return { rows };
    },
  };
}
