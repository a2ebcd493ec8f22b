import { sql } from 'kysely';

/** Leaves out of a count of `deliveries` what went out in an exercise (INV-16); it reads an index of those few alone. */
export const NO_EXERCISE = sql.raw("deliveries.report_id not in (select report_id from reports where mode = 'exercise')");
