import { EventEmitter } from 'node:events';
import type { OpenDatabase } from '@zhida/database';
import { expect, test } from 'vitest';
import { watchStatements, watchTransactions } from './support/statements.js';

type Pool = OpenDatabase<unknown>['pool'];
type Query = (text: string, values?: unknown[], answer?: (error: unknown, value: unknown) => void) => Promise<string> | undefined;

/** A connection that answers everything, watched. */
function watched(watch: typeof watchStatements): { query: Query; seen: string[] } {
  const pool = new EventEmitter();
  const seen: string[] = [];
  watch(pool as unknown as Pool, ({ position, text }, moment) => void seen.push(`${position} ${text} ${moment}`));
  const query: Query = (_text, _values, answer) => {
    if (answer === undefined) return Promise.resolve('done');
    answer(null, 'done');
    return undefined;
  };
  const client = { query };
  pool.emit('connect', client);
  return { query: (...asked) => client.query(...asked), seen };
}

const CLAIM = 'with candidate as (select 1 from deliveries for update skip locked) update deliveries set fence = fence + 1';

test('a statement that changes something by itself is a place to die at, before it, on its way and after it, whoever waits for it and how', async () => {
  const { query, seen } = watched(watchStatements);
  await query(CLAIM);
  expect(seen.splice(0)).toEqual(['before', 'sent', 'done'].map((moment) => `0 ${CLAIM} ${moment}`));
  await new Promise((resolve) => void query('insert into attempts values (1)', [], resolve));
  expect(seen.splice(0).toSorted()).toEqual(['before', 'done', 'sent'].map((moment) => `0 insert into attempts values (1) ${moment}`));
  for (const text of ['select 1', 'select 1 from deliveries for update skip locked', 'select 1 for no key update', 'listen x'])
    await query(text);
  expect(seen).toEqual([]);
});

test('in a transaction every statement is one, and by itself none for those who ask for transactions alone', async () => {
  const texts = ['begin', 'select 1', 'commit', 'update deliveries set fence = 1'];
  const all = watched(watchStatements);
  for (const text of texts) await all.query(text);
  expect(all.seen.filter((line) => line.endsWith('done'))).toEqual(texts.map((text, index) => `${(index + 1) % 4} ${text} done`));
  const transactions = watched(watchTransactions);
  for (const text of texts) await transactions.query(text);
  expect(transactions.seen.filter((line) => line.endsWith('done'))).toEqual(
    texts.slice(0, 3).map((text, index) => `${index + 1} ${text} done`),
  );
});
