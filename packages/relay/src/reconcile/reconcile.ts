import type { SqlExecutor } from '@zhida/database';
import type { DeliveryState } from '../schema.js';
import { ATTACHMENT_VIEWS } from '../attachments/access.js';
import { LEDGER_CHECKS } from './checks.js';

/** Something that may not be, and where: ids alone, at most {@link IDS_SHOWN} of them. */
export interface Difference {
  readonly what: string;
  readonly count: number;
  readonly ids: readonly string[];
}

/** What a ledger owes and what it can prove. Exercises are counted apart; what may never be may not be of them either. */
export interface Reconciliation {
  readonly reports: number;
  readonly deliveries: number;
  /** Closed or moved by a receipt the agency signed. */
  readonly proved: Readonly<Record<'stored' | 'accepted', number>>;
  /** Closed by a person's signed word; counted apart, because it is another kind of proof (INV-5). */
  readonly attested: number;
  /** Open and visibly so. */
  readonly open: { readonly total: number; readonly held: Readonly<Record<string, number>> };
  /** What hospitals have brought beside reports, and how often one of them is still owed to an agency. */
  readonly attachments: { readonly total: number; readonly owed: number };
  /** What faults of the relay itself keep here; visibly so, and a person was called. */
  readonly deadLetters: number;
  /** Envelopes carried for other relays, and how many no agency has signed for yet. */
  readonly forwards: { readonly total: number; readonly open: number };
  readonly exercises: { readonly reports: number; readonly deliveries: number; readonly open: number };
  readonly differences: readonly Difference[];
}

/** What a gateway has committed. */
export interface PressedReconciliation {
  readonly presses: number;
  /** Committed by the gateway, not yet by the relay: visibly open, and sent again until it is. */
  readonly held: number;
  /** Presses of exercises, counted apart. */
  readonly exercises: number;
  readonly differences: readonly Difference[];
}

export const IDS_SHOWN = 20;
const PAGE = 1_000;

/**
 * Compares what a ledger holds with what its audit log says and what its receipts prove (INV-2). It reads only, in one
 * snapshot, and may run beside a relay at work.
 */
export async function reconcileLedger(ledger: SqlExecutor): Promise<Reconciliation> {
  const { rows } = await ledger.query(STATES, []);
  const counted = rows as { state: DeliveryState; hold_reason: string | null; count: number }[];
  const of = (state: DeliveryState): number => sum(counted.filter((row) => row.state === state));
  const held = counted.filter((row) => row.state === 'open' && row.hold_reason !== null);
  const reports = await ledger.query("select count(*)::integer as count from reports where mode <> 'exercise'", []);
  const dead = await ledger.query('select count(*)::integer as count from dead_letters where cleared_at is null', []);
  const carried = await ledger.query('select count(*)::integer as total, count(envelope)::integer as open from forwards', []);
  const attachments = await ledger.query(ATTACHMENTS, [[...ATTACHMENT_VIEWS]]);
  return {
    reports: Number(reports.rows[0]?.['count'] ?? 0),
    deliveries: sum(counted),
    proved: { stored: of('stored'), accepted: of('accepted') },
    attested: of('attested'),
    open: { total: of('open'), held: Object.fromEntries(held.map((row) => [row.hold_reason, row.count])) },
    attachments: { total: Number(attachments.rows[0]?.['total'] ?? 0), owed: Number(attachments.rows[0]?.['owed'] ?? 0) },
    forwards: { total: Number(carried.rows[0]?.['total'] ?? 0), open: Number(carried.rows[0]?.['open'] ?? 0) },
    deadLetters: Number(dead.rows[0]?.['count'] ?? 0),
    exercises: await exercisesOf(ledger),
    differences: await differencesOf(ledger),
  };
}

const STATES = `select state, case when state = 'open' then hold_reason end as hold_reason, count(*)::integer as count
  from deliveries join reports using (report_id) where mode <> 'exercise' group by 1, 2 order by 1, 2`;

async function exercisesOf(ledger: SqlExecutor): Promise<Reconciliation['exercises']> {
  const { rows } = await ledger.query(EXERCISED, []);
  const [{ reports, deliveries, open } = { reports: 0, deliveries: 0, open: 0 }] = rows as unknown as Reconciliation['exercises'][];
  return { reports, deliveries, open };
}

const EXERCISED = `select count(distinct report_id)::integer as reports, count(delivery_id)::integer as deliveries,
  (count(*) filter (where state = 'open'))::integer as open
  from reports left join deliveries using (report_id) where mode = 'exercise'`;

/** Owed by this road is only what the agency has a system for: where a person attests, the person takes the attachment along. */
const ATTACHMENTS = `select (select count(*)::integer from attachments) as total, count(*)::integer as owed
  from attachments a join deliveries d using (report_id)
  where d.view = any($1) and coalesce(d.hold_reason, '') not in ('no-system', 'conflict')
    and not exists (select from attachment_receipts r where r.attachment_id = a.attachment_id and r.issuer = d.recipient_party)`;

function sum(rows: readonly { count: number }[]): number {
  return rows.reduce((total, { count }) => total + count, 0);
}

async function differencesOf(ledger: SqlExecutor): Promise<Difference[]> {
  const checks = LEDGER_CHECKS.map(
    ({ ids }, index) => `select ${index} as position, count(*)::integer as count, (array_agg(id::text order by id))[1:${IDS_SHOWN}] as ids
      from (${ids}) as cases (id) having count(*) > 0`,
  );
  const audited = `audited as materialized (
    select entry->>'action' as action, entry->'subject' as subject
    from (select convert_from(bytes, 'UTF8')::jsonb as entry from audit_entries) as entries)`;
  const { rows } = await ledger.query(`with ${audited} ${checks.join(' union all ')} order by position`, []);
  return (rows as { position: number; count: number; ids: string[] }[]).map(({ position, count, ids }) => ({
    what: LEDGER_CHECKS[position]?.what ?? '',
    count,
    ids,
  }));
}

/**
 * Compares what a gateway has committed with what the relay's ledger holds: a press the relay has answered for is a report
 * there, under the same key and number.
 */
export async function reconcilePresses(gateway: SqlExecutor, ledger: SqlExecutor): Promise<PressedReconciliation> {
  const counts = await gateway.query(
    `select (count(*) filter (where not exercise))::integer as presses, (count(*) filter (where exercise))::integer as exercises,
      (count(*) filter (where state = 'held' and not exercise))::integer as held from presses`,
    [],
  );
  const missing: string[] = [];
  for (let after = ''; ; ) {
    const page = await pressesAfter(gateway, after);
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.key;
    const { rows } = await ledger.query('select facility, press_id, report_id, number from reports where report_id = any($1)', [
      page.map(({ report_id: id }) => id),
    ]);
    const known = new Map((rows as unknown as PressRow[]).map((row) => [row.report_id, row]));
    missing.push(...page.filter((press) => !isSame(press, known.get(press.report_id))).map(({ press_id: id }) => id));
  }
  return {
    presses: Number(counts.rows[0]?.['presses'] ?? 0),
    held: Number(counts.rows[0]?.['held'] ?? 0),
    exercises: Number(counts.rows[0]?.['exercises'] ?? 0),
    differences:
      missing.length === 0
        ? []
        : [{ what: 'a press that was answered for and is no report', count: missing.length, ids: missing.slice(0, IDS_SHOWN) }],
  };
}

interface PressRow {
  readonly facility: string;
  readonly press_id: string;
  readonly report_id: string;
  readonly number: string;
}

/** A press whose key met another body names the first report, whose key is the same. */
function isSame(press: PressRow, report: PressRow | undefined): boolean {
  return report !== undefined && report.facility === press.facility && report.press_id === press.press_id && report.number === press.number;
}

async function pressesAfter(gateway: SqlExecutor, after: string): Promise<(PressRow & { readonly key: string })[]> {
  const { rows } = await gateway.query(
    `select facility, press_id, report_id, number, facility || ' ' || press_id as key from presses
     where report_id is not null and facility || ' ' || press_id > $1 order by key limit ${PAGE}`,
    [after],
  );
  return rows as unknown as (PressRow & { key: string })[];
}
