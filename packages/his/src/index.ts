export { HIS_LIMITS } from './limits.js';
export type { HisMapping } from './mapping/mapping.js';
export type { MappingProblem } from './mapping/problems.js';
export { type MappingReading, readMapping } from './mapping/read-mapping.js';
export { MAPPING_SCHEMA } from './mapping/schema.js';
export type { RowFile } from './rows/tables.js';
export { type RowsReading, type TableReading, snapshotsFromFiles, snapshotsFromRows } from './snapshots-from-rows.js';
