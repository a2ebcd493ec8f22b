import type { OpenDatabase } from '@zhida/database';
import { reconcileLedger, type RelaySchema } from '@zhida/relay';
import { waitUntil } from '@zhida/testkit';
import { profile } from './profile.js';

type Ledger = OpenDatabase<RelaySchema>;

/** What a test knows beyond `zhida reconcile`: to whom each report went, and that no key was destroyed. Each query counts such cases. */
const HALVES: Readonly<Record<string, string>> = {
  'a report without all its deliveries':
    'select count(*) from reports r where (select count(*) from deliveries d where d.report_id = r.report_id) <> $1',
  'a delivery without a payload': 'select count(*) from deliveries where payload_sealed is null or payload_sha256 is null',
  'a report without its data keys':
    'select count(*) from reports r where (select count(*) from data_keys k where k.report_id = r.report_id) <> 2',
  'a data key without a report':
    'select count(*) from data_keys k where not exists (select from reports r where r.report_id = k.report_id)',
};

/** The names of everything in this ledger that is only half there; `[]` is what a ledger should be at any instant. */
export async function halvesOf({ pool }: Ledger): Promise<string[]> {
  const found = (await reconcileLedger(pool)).differences.map(({ what, count }) => `${what}: ${count}`);
  for (const [name, query] of Object.entries(HALVES)) {
    const { rows } = await pool.query<{ count: number }>(query, query.includes('$1') ? [profile.recipients.length] : []);
    if (rows[0]?.count !== 0) found.push(`${name}: ${rows[0]?.count}`);
  }
  return found;
}

/** The reports that carry this press; two of them would be two reports of one child. */
export async function reportsOf({ pool }: Ledger, pressId: string): Promise<{ report_id: string; number: string }[]> {
  const { rows } = await pool.query<{ report_id: string; number: string }>('select report_id, number from reports where press_id = $1', [
    pressId,
  ]);
  return rows;
}

/** The server ends a dead process's transaction only when it notices; until then nobody can say what is there. */
export async function connectionsGone({ pool }: Ledger, applicationName: string): Promise<void> {
  await waitUntil(
    async () => {
      const { rows } = await pool.query('select 1 from pg_stat_activity where application_name = $1', [applicationName]);
      return rows.length === 0;
    },
    { what: 'the dead process has no connection left' },
  );
}
