import { type Clock, invariant } from '@zhida/core';
import { type Insertable, sql } from 'kysely';
import type { ReportEventsTable } from '../schema.js';
import { dateNow, type Reader, type Tenant, type Tx } from './context.js';
import { type ReportStatus, STATUS_REPORT_COLUMNS, statusOf } from './status.js';

/** The channel on which a relay process tells the others that a report has a new event row. The payload is the report's id. */
export const EVENTS_CHANNEL = 'zhida_report_events';

export interface ReportEvent {
  readonly version: number;
  readonly status: ReportStatus;
}

/**
 * Writes the report's next event inside the transaction that changed it.
 *
 * Raising the version locks the report's row, so events of one report are written one after the other and each holds
 * what the ledger says at its commit.
 */
export async function appendEvent(tenant: Tenant, tx: Tx, clock: Clock, reportId: string): Promise<void> {
  const raised = await tx
    .updateTable('reports')
    .set({ version: sql`version + 1` })
    .where('facility', '=', tenant)
    .where('report_id', '=', reportId)
    .returning(STATUS_REPORT_COLUMNS)
    .executeTakeFirst();
  invariant(raised !== undefined, 'an event belongs to a report of this facility');
  const row = eventRow(tenant, clock, await statusOf(tenant, tx, raised));
  await sql`
    with event as (
      insert into report_events (facility, report_id, version, at, status)
      values (${row.facility}, ${row.report_id}, ${row.version}, ${row.at}, ${row.status}))
    select pg_notify(${EVENTS_CHANNEL}, ${reportId})`.execute(tx);
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
