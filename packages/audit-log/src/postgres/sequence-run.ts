import { type Clock, ZhidaError, isoNow } from '@zhida/core';
import { parseCheckpoint, signCheckpoint } from '../checkpoint.js';
import { replaceDurably } from '../durable-file.js';
import { type AuditLayout, auditLayout } from '../layout.js';
import { type CheckpointSigner, type LogPublicKey, formatVkey, publicKeyOfSigner } from '../log-key.js';
import { leafHash } from '../tree-hash.js';
import { readIfThere } from '../read-if-there.js';
import type { SqlClient, SqlExecutor, SqlPool } from './executor.js';
import { followFiles } from './follow-files.js';
import { type LogState, appendCheckpoints, appendRows, filesAreInPlace } from './log-files.js';
import { type AuditRepair, restoreFiles } from './restore-files.js';
import {
  type PendingCursor,
  checkpointsAfter,
  insertCheckpoint,
  insertLeaves,
  lockSequencer,
  logSize,
  loggedFrom,
  newestCheckpoint,
  pendingEntries,
  transactionHorizon,
  unlockSequencer,
} from './rows.js';

/** What one run did and where the log stands after it. */
export interface SequencerRun {
  /** Entries this run gave a place. */
  appended: number;
  /** Entries in the log, all of them under the newest checkpoint. */
  size: number;
  /** Root hash, lower-case hex. */
  root: string;
}

/** What a run works with. */
export interface SequenceContext {
  pool: SqlPool;
  directory: string;
  origin: string;
  signer: CheckpointSigner;
  clock: Clock;
  batch: number;
  onRepair: (repair: AuditRepair) => void;
}

const NO_TRANSACTION = '0';

/** Returns a function that makes one run; it remembers between runs what it may, and forgets all of it after a failure. */
export function createSequenceRun(context: SequenceContext): () => Promise<SequencerRun> {
  const layout = auditLayout(context.directory);
  const logKey = publicKeyOfSigner(context.signer);
  let state: LogState | undefined;
  let horizon = NO_TRANSACTION;

  async function stateNow(client: SqlClient): Promise<LogState> {
    if (state !== undefined) {
      if (await filesAreInPlace(layout, state)) return state;
      const followed = await followFiles(client, layout, state, context.batch);
      if (followed !== undefined) return followed;
    }
    await checkSameLog(client, layout, context.origin);
    const restored = await restoreFiles({ client, layout, logKey, onRepair: context.onRepair });
    await describeLog(layout, context.origin, logKey);
    return restored;
  }

  async function underLock(client: SqlClient): Promise<SequencerRun> {
    // Files and rows are compared before a place is given: a place is for ever.
    state = await stateNow(client);
    const running = await transactionHorizon(client);
    // A horizon that went back is another server, or this one put back to an older state: search everything again.
    const from = BigInt(running) < BigInt(horizon) ? NO_TRANSACTION : horizon;
    const appended = await placePending(client, { from, atLeast: state.range.size, batch: context.batch });
    horizon = running;
    await followRows(client, layout, state, context);
    return { appended, size: state.range.size, root: Buffer.from(state.range.root()).toString('hex') };
  }

  return async () => {
    const client = await context.pool.connect();
    let failed = true;
    try {
      await lockSequencer(client);
      const run = await underLock(client);
      await unlockSequencer(client);
      failed = false;
      return run;
    } finally {
      if (failed) {
        state = undefined;
        horizon = NO_TRANSACTION;
      }
      // A connection that failed half-way may still hold the lock; closing it is the sure way to give it back.
      client.release(failed);
    }
  };
}

/** Gives a place to every committed entry that has none, in batches; returns how many. */
async function placePending(
  client: SqlExecutor,
  { from, atLeast, batch }: { from: string; atLeast: number; batch: number },
): Promise<number> {
  let cursor: PendingCursor = { xid: from, id: '' };
  let size = await logSize(client);
  const before = size;
  if (size < atLeast) throw new ZhidaError('ZD_ERR_AUDIT_CORRUPT', 'the database lost leaves it had', { at: `leaves[${size}]` });
  for (;;) {
    const pending = await pendingEntries(client, cursor, batch);
    const last = pending.at(-1);
    if (last === undefined) return size - before;
    const first = size;
    await insertLeaves(
      client,
      pending.map((entry, offset) => ({ index: first + offset, entryId: entry.id, leafHash: leafHash(entry.bytes) })),
    );
    size += pending.length;
    if (pending.length < batch) return size - before;
    cursor = last;
  }
}

/** Brings files and checkpoint up to the rows. A checkpoint is signed only over entries that are in the files by then. */
async function followRows(client: SqlExecutor, layout: AuditLayout, state: LogState, context: SequenceContext): Promise<void> {
  for (let rows = await loggedFrom(client, state.range.size, context.batch); rows.length > 0; ) {
    await appendRows(layout, state, rows);
    rows = rows.length < context.batch ? [] : await loggedFrom(client, state.range.size, context.batch);
  }
  await appendCheckpoints(layout, state, await checkpointsAfter(client, state.checkpoint?.size ?? -1));
  const { size } = state.range;
  if (state.checkpoint?.size === size) return;
  const row = { size, note: signCheckpoint({ origin: context.origin, size, root: state.range.root() }, context.signer) };
  await insertCheckpoint(client, row, isoNow(context.clock));
  await appendCheckpoints(layout, state, [row]);
}

/** One log per database and per folder: a log of another origin (of the other mode, say) is refused, not mixed in. */
async function checkSameLog(client: SqlExecutor, layout: AuditLayout, origin: string): Promise<void> {
  const newest = await newestCheckpoint(client);
  if (newest !== undefined && parseCheckpoint(newest.note).origin !== origin) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'this database holds the log of another origin', { at: 'origin' });
  }
  const described = describedOrigin((await readIfThere(layout.about))?.toString() ?? '');
  if (described !== undefined && described !== origin) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'this folder holds the log of another origin', { at: 'directory' });
  }
}

function describedOrigin(about: string): string | undefined {
  try {
    const value: unknown = JSON.parse(about);
    return typeof value === 'object' && value !== null && 'origin' in value && typeof value.origin === 'string' ? value.origin : undefined;
  } catch {
    return undefined;
  }
}

async function describeLog(layout: AuditLayout, origin: string, logKey: LogPublicKey): Promise<void> {
  const about = Buffer.from(`${JSON.stringify({ origin, vkey: formatVkey(logKey.name ?? origin, logKey) })}\n`);
  const found = await readIfThere(layout.about);
  if (found === undefined || Buffer.compare(found, about) !== 0) await replaceDurably(layout.about, about);
}
