export type { CdaDocument } from './document.js';
export { CDA_LIMITS } from './limits.js';
export {
  type CdaOptions,
  type CdaReading,
  type DocumentsReading,
  readDocuments,
  snapshotsFromDocuments,
  snapshotsOfVisits,
} from './snapshots.js';
