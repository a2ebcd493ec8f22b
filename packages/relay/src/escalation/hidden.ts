import { type RawBuilder, sql } from 'kysely';

/** Stands in `hidden_from` for everybody who works at the desks of the reporting facility. */
export const WHOLE_FACILITY = 'facility';

/**
 * True for cases an operator may see. A case in which this hospital, or this very account, has an interest of its own is hidden
 * from it; what belongs to no report is everybody's. @param reports how the query names that table
 */
export function visibleTo(account: string, reports: 'reports' | 'report' = 'reports'): RawBuilder<boolean> {
  return sql<boolean>`coalesce(not (${sql.ref(reports)}.hidden_from && array[${WHOLE_FACILITY}, ${account}]), true)`;
}
