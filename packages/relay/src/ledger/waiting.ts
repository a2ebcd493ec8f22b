import { sql } from 'kysely';
import { attestableOf } from '../attestation/attestable.js';
import { visibleTo } from '../escalation/hidden.js';
import type { Mode } from '@zhida/core';
import type { LedgerContext, Tenant } from './context.js';
import { callsOf, type ReportStatus, STATUS_DELIVERY_COLUMNS, STATUS_REPORT_COLUMNS, statusFrom, type StatusLine } from './status.js';

/** One recipient of a report that waits, and what a person may do about it. */
export interface WaitingLine extends StatusLine {
  /** Whether a handover to this recipient may be attested now (INV-5). */
  readonly attestable: boolean;
}

/** A report the police have not accepted, as the duty desk sees it: ids, states and times, nothing of the child. */
export interface WaitingReport extends Omit<ReportStatus, 'lines'> {
  readonly mode: Exclude<Mode, 'training'>;
  /** Which exercise it is of; null for any other report. */
  readonly exerciseId: string | null;
  readonly lines: readonly WaitingLine[];
}

/** Who asks, for how many or for which one. */
interface Asked {
  /** The operator's account: cases hidden from it are left out. */
  readonly by: string;
  readonly limit: number;
  /** This report alone, also when it waits no more. */
  readonly only?: string;
}

/**
 * Reports without police acceptance, newest first: no recipient of the police has 已受理 or an attestation (for an error notice
 * 已停止使用). A report for no police at all waits until anybody has it. A telephone call changes nothing of that (INV-5).
 */
export async function listWaiting(
  tenant: Tenant,
  context: Pick<LedgerContext, 'db' | 'recipientOf'>,
  { by, limit, only }: Asked,
): Promise<WaitingReport[]> {
  return reportsOf(tenant, context, only === undefined ? await waitingIds(tenant, context.db, by, limit) : [only], by);
}

/** Reports of exercises, newest first, also those the police have accepted: what an exercise is looked back on by. */
export async function listExercised(
  tenant: Tenant,
  context: Pick<LedgerContext, 'db' | 'recipientOf'>,
  { by, limit }: Omit<Asked, 'only'>,
): Promise<WaitingReport[]> {
  const rows = await context.db
    .selectFrom('reports')
    .select('report_id')
    .where('facility', '=', tenant)
    .where('mode', '=', 'exercise')
    .where(visibleTo(by))
    .orderBy('received_at', 'desc')
    .orderBy('report_id', 'desc')
    .limit(limit)
    .execute();
  const ids = rows.map(({ report_id: reportId }) => reportId);
  return reportsOf(tenant, context, ids, by);
}

async function reportsOf(
  tenant: Tenant,
  context: Pick<LedgerContext, 'db' | 'recipientOf'>,
  ids: readonly string[],
  by: string,
): Promise<WaitingReport[]> {
  const { db } = context;
  if (ids.length === 0) return [];
  const reports = await db
    .selectFrom('reports')
    .select([...STATUS_REPORT_COLUMNS, 'mode', 'exercise_id'])
    .where('facility', '=', tenant)
    .where('report_id', 'in', ids)
    .where(visibleTo(by))
    .orderBy('received_at', 'desc')
    .orderBy('report_id', 'desc')
    .execute();
  const found = reports.map(({ report_id: reportId }) => reportId);
  if (found.length === 0) return [];
  const [lines, calls] = await Promise.all([linesOf(tenant, db, found), callsOf(tenant, db, found)]);
  const open = lines.filter((line) => line.state !== 'accepted' && line.attested_at === null);
  const mayAttest = await attestableOf(
    tenant,
    db,
    context,
    open.map((line) => ({ deliveryId: line.delivery_id, party: line.recipient_party })),
  );
  return reports.map((report) => {
    const own = lines.filter((line) => line.report_id === report.report_id);
    const status = statusFrom(report, own, calls.get(report.report_id));
    return {
      ...status,
      mode: report.mode,
      exerciseId: report.exercise_id,
      lines: status.lines.map((line) => ({ ...line, attestable: mayAttest.has(line.deliveryId) })),
    };
  });
}

/** Each state by itself: an index gives the newest of one state, and reads no further than it must. */
async function waitingIds(tenant: Tenant, db: LedgerContext['db'], by: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ report_id: string }>`
    select distinct report_id, received_at from (
      (select reports.report_id, reports.received_at from deliveries join reports using (report_id)
        where deliveries.facility = ${tenant} and state = 'open' and ${UNANSWERED} and ${FIRST_OF_REPORT} and ${visibleTo(by)}
          and (recipient_kind = 'police' or not exists (${POLICE}))
        order by deliveries.created_at desc limit ${limit})
      union all
      (select reports.report_id, reports.received_at from deliveries join reports using (report_id)
        where deliveries.facility = ${tenant} and state = 'stored' and ${UNANSWERED} and ${FIRST_OF_REPORT} and ${visibleTo(by)}
          and recipient_kind = 'police'
        order by deliveries.created_at desc limit ${limit})
    ) waiting order by received_at desc, report_id desc limit ${limit}`.execute(db);
  return rows.map((row) => row.report_id);
}

/** The police deliveries of the same report. */
const POLICE = sql.raw(
  "select from deliveries police where police.facility = deliveries.facility and police.report_id = deliveries.report_id and police.recipient_kind = 'police'",
);

/** One of the police is enough: a station that was told beside the county's command centre has not to accept it too. */
const UNANSWERED = sql`not exists (${POLICE} and (police.state = 'accepted' or police.attested_at is not null))
  and not (kind = 'error-notice' and exists (
    select from receipts where receipts.report_id = deliveries.report_id and receipts.kind = 'receipt' and stage = 'stopped-using'))`;

/** A report is counted once, however many of its recipients wait in one state: else the newest alone would fill a page that ends there. */
const FIRST_OF_REPORT = sql`not exists (
  select from deliveries earlier where earlier.facility = deliveries.facility and earlier.report_id = deliveries.report_id
    and earlier.state = deliveries.state and (earlier.recipient_kind = 'police') = (deliveries.recipient_kind = 'police')
    and earlier.delivery_id < deliveries.delivery_id)`;

async function linesOf(tenant: Tenant, db: LedgerContext['db'], reportIds: readonly string[]) {
  return db
    .selectFrom('deliveries')
    .select(['report_id', ...STATUS_DELIVERY_COLUMNS])
    .where('facility', '=', tenant)
    .where('report_id', 'in', reportIds)
    .orderBy('delivery_id')
    .execute();
}
