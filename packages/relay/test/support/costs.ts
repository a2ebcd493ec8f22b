import type { OpenDatabase } from '@zhida/database';
import type { RelaySchema } from '../../src/index.js';

/** A statement as the relay sent it, and how many blocks of tables and indexes it reads. */
export interface Cost {
  readonly text: string;
  readonly blocks: number;
}

interface Plan {
  readonly Plan: { readonly 'Shared Hit Blocks': number; readonly 'Shared Read Blocks': number };
}

type Query = (...parts: unknown[]) => unknown;

const READS = /^\s*(select|with)\b(?![\s\S]*\b(insert into|delete from|update "?\w+"? set)\b)/i;

/** Runs `act`; @returns every statement it sent, with its values. */
export async function statementsOf(
  { pool }: Pick<OpenDatabase<RelaySchema>, 'pool'>,
  act: () => Promise<unknown>,
): Promise<{ readonly text: string; readonly values: unknown[] }[]> {
  const asked: { readonly text: string; readonly values: unknown[] }[] = [];
  const watched = new Map<{ query: Query }, Query>();
  const watch = (client: { query: Query }): void => {
    if (watched.has(client)) return;
    const query = client.query.bind(client) as Query;
    watched.set(client, client.query);
    client.query = (...parts) => {
      const [text, values] = parts;
      if (typeof text === 'string') asked.push({ text, values: Array.isArray(values) ? values : [] });
      return query(...parts);
    };
  };
  pool.on('acquire', watch as never);
  try {
    await act();
  } finally {
    pool.off('acquire', watch as never);
    for (const [client, query] of watched) client.query = query;
  }
  return asked;
}

/** Runs `act`, and explains on the same tables every reading it has asked for. */
export async function costsOf(database: OpenDatabase<RelaySchema>, act: () => Promise<unknown>): Promise<Cost[]> {
  const { pool } = database;
  const asked = (await statementsOf(database, act)).filter(({ text }) => READS.test(text));
  const costs: Cost[] = [];
  for (const { text, values } of asked) {
    const { rows } = await pool.query<{ 'QUERY PLAN': [Plan] }>(`explain (analyze, buffers, format json) ${text}`, values);
    const plan = rows[0]?.['QUERY PLAN'][0].Plan;
    costs.push({ text, blocks: (plan?.['Shared Hit Blocks'] ?? Number.NaN) + (plan?.['Shared Read Blocks'] ?? Number.NaN) });
  }
  return costs;
}
