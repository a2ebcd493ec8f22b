import { type Clock, invariant } from '@zhida/core';
import { executorOf } from '@zhida/database';
import { type Insertable, type RawBuilder, sql } from 'kysely';
import type { ReportEventsTable } from '../schema.js';
import { type AuditDraft, auditBeside, type Auditing } from './audit.js';
import { dateNow, type Reader, type Tenant, type Tx } from './context.js';
import { type ReportStatus, STATUS_REPORT_COLUMNS, statusOf, type StatusReportRow } from './status.js';

/** The channel on which a relay process tells the others that a report has a new event row. The payload is the report's id. */
export const EVENTS_CHANNEL = 'zhida_report_events';

export interface ReportEvent {
  readonly version: number;
  readonly status: ReportStatus;
}

/**
 * Writes the report's next event inside the transaction that changed it, with the audit entries of the change.
 *
 * Raising the version locks the report's row, so events of one report are written one after the other and each holds
 * what the ledger says at its commit.
 */
export async function appendEvent(
  tenant: Tenant,
  tx: Tx,
  context: Auditing,
  reportId: string,
  audits: readonly AuditDraft[] = [],
): Promise<void> {
  const {
    rows: [raised],
  } = await versionRaised(tenant, reportId).execute(tx);
  invariant(raised !== undefined, 'an event belongs to a report of this facility');
  await writeEvent(tenant, tx, context, raised, audits);
}

/** The statement that raises the version of a report, if one is named, so that it may be part of another; then {@link writeEvent} is due. */
export function versionRaised(tenant: Tenant, reportId: string | null | RawBuilder<string>): RawBuilder<StatusReportRow> {
  return sql`
    update reports set version = version + 1 where facility = ${tenant} and report_id = ${reportId}
    returning ${sql.join(STATUS_REPORT_COLUMNS.map((column) => sql.ref(column)))}`;
}

/** The columns of {@link versionRaised} where it is a part named `raised`; {@link raisedFrom} reads them. */
export const RAISED_COLUMNS = sql.join(STATUS_REPORT_COLUMNS.map((column) => sql.ref(`raised.${column}`)));

/** A row that may have the columns of a report whose version was raised. */
export type MaybeRaised = StatusReportRow | Record<keyof StatusReportRow, null>;

export function raisedFrom(row: MaybeRaised): StatusReportRow | undefined {
  return row.report_id === null ? undefined : row;
}

/** Writes the event of a report whose version was raised in this transaction: only then is its status final. */
export async function writeEvent(
  tenant: Tenant,
  tx: Tx,
  context: Auditing,
  raised: StatusReportRow,
  audits: readonly AuditDraft[],
): Promise<void> {
  const row = eventRow(tenant, context.clock, await statusOf(tenant, tx, raised));
  const event = [row.facility, row.report_id, row.version, row.at, row.status, EVENTS_CHANNEL];
  const { parts, values } = await auditBeside(context, audits, event.length);
  await executorOf(tx).query(
    `with event as (
       insert into report_events (facility, report_id, version, at, status) values ($1, $2, $3, $4, $5)
     ), ${parts}
     select pg_notify($6, $2)`,
    [...event, ...values],
  );
}

/** The event row of a status. */
export function eventRow(tenant: Tenant, clock: Clock, status: ReportStatus): Insertable<ReportEventsTable> {
  const { reportId, version } = status;
  return { facility: tenant, report_id: reportId, version, at: dateNow(clock), status: JSON.stringify(status) };
}

/** The events after `version`, oldest first, at most `limit`. */
export async function eventsAfter(tenant: Tenant, db: Reader, reportId: string, version: number, limit: number): Promise<ReportEvent[]> {
  const rows = await db
    .selectFrom('report_events')
    .select(['version', 'status'])
    .where('facility', '=', tenant)
    .where('report_id', '=', reportId)
    .where('version', '>', version)
    .orderBy('version')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ version: row.version, status: row.status }));
}
