import { ZhidaError } from '@zhida/core';
import { auditLayout } from '../layout.js';
import { type LogPublicKey, parseVkey } from '../log-key.js';
import { checkHeads } from './check-heads.js';
import { findProblems } from './find-problems.js';
import { type LogContents, readContents } from './log-contents.js';
import type { VerificationProblem } from './problem.js';

/** More problems than a person reads; the rest is counted. */
const MAX_PROBLEMS = 100;

/** How an audit directory is verified. */
export interface VerifyOptions {
  /** Keys the caller trusts. Without any, the key is taken from the directory itself: that proves consistency, not origin. */
  publicKeys?: readonly LogPublicKey[];
  /** Accept entries after the newest checkpoint, as in a copy of a log at work. @defaultValue false */
  allowTail?: boolean;
}

/** What the verification of an audit directory found. */
export interface AuditVerification {
  /** True only when every byte is accounted for by a checkpoint under a trusted key. */
  ok: boolean;
  origin: string | null;
  /** Entries found. */
  size: number;
  /** Entries a good checkpoint vouches for. */
  signedSize: number;
  /** Root of the entries found, as far as the newest checkpoint reaches; lower-case hex. */
  rootHash: string;
  /** Time of the first and the last entry, RFC 3339, as the entries say. */
  from: string | null;
  to: string | null;
  /** Checkpoints checked: each must be a prefix of what was found. */
  checkpoints: number;
  /** Entries after the newest checkpoint. */
  tail: number;
  keySource: 'given' | 'directory';
  /** Entries first, in their order. */
  problems: VerificationProblem[];
  /** Problems beyond the first hundred. */
  omittedProblems: number;
}

/**
 * Verifies an audit directory from its files alone: every entry's bytes against its leaf, the tree against every checkpoint
 * ever signed, every checkpoint against the keys. Entries must be canonical, unique, and of this log.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` when there is no audit log in this directory or it cannot be read,
 * `ZD_ERR_KEY_MISSING` when neither caller nor directory has a key. Whatever is wrong with the log itself is in the result.
 */
export async function verifyAuditDirectory(directory: string, options: VerifyOptions = {}): Promise<AuditVerification> {
  const log = await readContents(auditLayout(directory));
  const given = options.publicKeys ?? [];
  const keys = given.length > 0 ? given : [keyOf(log)];
  const hashes = log.lines.map((line) => line.leafHash);
  const checked = checkHeads(log.notes, hashes, keys);
  const newest = log.hasCheckpoint ? checked.heads.at(-1)?.checkpoint : undefined;
  const reach = Math.min(newest?.size ?? hashes.length, hashes.length);
  const times = log.lines.slice(0, reach).flatMap((line) => line.at ?? []);
  const problems = findProblems(log, checked, options.allowTail === true);
  return {
    ok: problems.length === 0,
    origin: checked.origin ?? null,
    size: hashes.length,
    signedSize: checked.signedSize,
    rootHash: Buffer.from(checked.rootAt.get(reach) ?? []).toString('hex'),
    from: times.at(0) ?? null,
    to: times.at(-1) ?? null,
    checkpoints: checked.heads.length,
    tail: Math.max(0, hashes.length - checked.signedSize),
    keySource: given.length > 0 ? 'given' : 'directory',
    problems: problems.slice(0, MAX_PROBLEMS),
    omittedProblems: Math.max(0, problems.length - MAX_PROBLEMS),
  };
}

function keyOf({ claimedKey }: LogContents): LogPublicKey {
  if (claimedKey === undefined) {
    throw new ZhidaError('ZD_ERR_KEY_MISSING', 'no key was given and the directory names none', { at: 'log.json' });
  }
  return parseVkey(claimedKey);
}
