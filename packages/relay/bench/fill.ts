import type { OpenDatabase } from '@zhida/database';
import type { RelaySchema } from '../src/index.js';

/**
 * Fills the ledger up to so many open deliveries that wait for their rung, by copies of one report that was pressed. What a
 * report costs beside them is asked; they themselves are never tried.
 */
export async function fillTo(database: OpenDatabase<RelaySchema>, open: number): Promise<void> {
  while (await fillSome(database, open));
  await database.pool.query('vacuum analyze reports, deliveries');
}

/** So many reports a statement, which is to end within its time also on a busy machine. */
const REPORTS_AT_ONCE = 2_000;

/** @returns whether there is more to be filled in. */
async function fillSome({ pool }: OpenDatabase<RelaySchema>, open: number): Promise<boolean> {
  const { rows } = await pool.query<{ count: number; report_id: string }>(
    `select (select count(*) from deliveries where state = 'open') as count, min(report_id) as report_id from reports where press_id like 'press-%'`,
  );
  const [{ count, report_id: reportId } = { count: 0, report_id: '' }] = rows;
  const missing = Math.min(REPORTS_AT_ONCE, Math.ceil((open - count) / 2));
  if (missing <= 0) return false;
  const id = (prefix: string): string => `'${prefix}' || lpad((${count} + i)::text, 26, '0')`;
  await pool.query(
    `insert into reports select (jsonb_populate_record(r, jsonb_build_object('report_id', ${id('rpt_')}, 'chain_id', ${id('rpt_')},
       'number', ${id('n')}, 'press_id', ${id('copy-')}))).* from reports r, generate_series(1, $2::integer) i where report_id = $1`,
    [reportId, missing],
  );
  await pool.query(
    `insert into deliveries select (jsonb_populate_record(d, jsonb_build_object('report_id', ${id('rpt_')},
       'delivery_id', ${id('dlv_')} || right(d.delivery_id, 4), 'state', 'open', 'rung', 9, 'lease_until', null,
       'next_due_at', now() + interval '50 minutes', 'rung_due_at', now() + interval '1 day'))).*
     from deliveries d, generate_series(1, $2::integer) i where report_id = $1`,
    [reportId, missing],
  );
  return true;
}
