export {
  type Checkpoint,
  type ParsedCheckpoint,
  type VerifiedCheckpoint,
  parseCheckpoint,
  signCheckpoint,
  verifyCheckpoint,
} from './checkpoint.js';
export { type CompactRange, createCompactRange } from './compact-range.js';
export {
  type AuditEntry,
  type AuditEntryInput,
  type BuiltAuditEntry,
  type CommitmentOpening,
  auditEntry,
  commitmentTo,
  opensCommitment,
  readAuditEntry,
} from './entry.js';
export { type ProvenEntry, formatEntryProof, verifyEntryProof } from './entry-proof.js';
export { type DayReceipt, dayRoot } from './day-root.js';
export { exportAuditLog } from './export-log.js';
export {
  type CheckpointSigner,
  type LogPrivateKey,
  type LogPublicKey,
  formatVkey,
  parseVkey,
  publicKeyFromJwk,
  publicKeyOfSigner,
  readPublicKeys,
} from './log-key.js';
export {
  type ConsistencyClaim,
  type InclusionClaim,
  consistencyProof,
  inclusionProof,
  merkleRoot,
  verifyConsistency,
  verifyInclusion,
} from './merkle.js';
export { auditOrigin } from './origin.js';
export { proveEntry } from './prove.js';
export { type NoteSignature, type SignedNote, parseNote, signNote, verifyNote } from './signed-note.js';
export { WITHHELD, auditToken, isAuditToken } from './token.js';
export { EMPTY_ROOT, HASH_BYTES, equalHashes, leafHash, nodeHash } from './tree-hash.js';
export type { VerificationProblem, VerificationProblemCode } from './verify/problem.js';
export { type CommandIo, VERIFY_EXIT, type VerifyCommand, readKeys, runVerify } from './verify/verify-command.js';
export { type AuditVerification, type VerifyOptions, verifyAuditDirectory } from './verify/verify-directory.js';
export { type Language, describeVerification, languageOf } from './verify/wording.js';
