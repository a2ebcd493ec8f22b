export {
  type AuditAppend,
  type AuditParts,
  type SealOpening,
  appendAudit,
  appendAudits,
  auditParts,
  insertAuditEntry,
} from './postgres/append.js';
export type { SqlClient, SqlExecutor, SqlPool } from './postgres/executor.js';
export { auditMigration } from './postgres/migration.js';
export type { AuditRepair } from './postgres/restore-files.js';
export type { SequencerRun } from './postgres/sequence-run.js';
export { MAX_BATCH, SEQUENCER_DEFAULTS, type Sequencer, type SequencerOptions, createSequencer } from './postgres/sequencer.js';
