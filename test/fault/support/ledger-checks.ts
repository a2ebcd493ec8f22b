import type { OpenDatabase } from '@zhida/database';
import type { RelaySchema } from '@zhida/relay';
import { waitUntil } from '@zhida/testkit';
import { profile } from './profile.js';

type Ledger = OpenDatabase<RelaySchema>;

/** What would be half a report, by name; each query counts such cases. The first column of `audited` is the audit log's own word. */
const HALVES: Readonly<Record<string, string>> = {
  'a report without all its deliveries':
    'select count(*) from reports r where (select count(*) from deliveries d where d.report_id = r.report_id) <> $1',
  'a delivery without a payload': 'select count(*) from deliveries where payload_sealed is null or payload_sha256 is null',
  'a delivery without a report':
    'select count(*) from deliveries d where not exists (select from reports r where r.report_id = d.report_id)',
  'a report without its data keys':
    'select count(*) from reports r where (select count(*) from data_keys k where k.report_id = r.report_id) <> 2',
  'a data key without a report':
    'select count(*) from data_keys k where not exists (select from reports r where r.report_id = k.report_id)',
  'a report without its first event':
    'select count(*) from reports r where not exists (select from report_events e where e.report_id = r.report_id and e.version = 1)',
  'a report without its audit entry': `with ${audited('report.accepted', 'reportId')} select count(*) from reports r where (select count(*) from audited where id = r.report_id) <> 1`,
  'an audit entry without its report': `with ${audited('report.accepted', 'reportId')} select count(*) from audited where not exists (select from reports r where r.report_id = audited.id)`,
  'a delivery without its audit entry': `with ${audited('delivery.opened', 'deliveryId')} select count(*) from deliveries d where (select count(*) from audited where id = d.delivery_id) <> 1`,
  'an audit entry without its delivery': `with ${audited('delivery.opened', 'deliveryId')} select count(*) from audited where not exists (select from deliveries d where d.delivery_id = audited.id)`,
  'a stored delivery without its receipt': `select count(*) from deliveries d where state <> 'open' and not exists (select from receipts r where r.delivery_id = d.delivery_id and r.kind = 'receipt')`,
  'a receipt without its audit entry': `with ${audited('receipt.recorded', 'receiptId')} select count(*) from receipts r where kind = 'receipt' and (select count(*) from audited where id = r.receipt_id) <> 1`,
  'an ended attempt without its audit entry': `with entries as (select convert_from(bytes, 'UTF8')::jsonb as entry from audit_entries)
      select count(*) from attempts a where outcome in ('refused', 'unknown') and not exists (select from entries where entry->>'action' = 'delivery.attempted'
        and entry->'subject'->>'deliveryId' = a.delivery_id and entry->'subject'->>'fence' = a.fence::text)`,
};

function audited(action: string, subject: string): string {
  return `audited as (select entry->'subject'->>'${subject}' as id from
    (select convert_from(bytes, 'UTF8')::jsonb as entry from audit_entries) e where entry->>'action' = '${action}')`;
}

/** The names of everything in this ledger that is only half there; `[]` is what a ledger should be at any instant. */
export async function halvesOf({ pool }: Ledger): Promise<string[]> {
  const found: string[] = [];
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
