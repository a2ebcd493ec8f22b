import { ZhidaError, isId } from '@zhida/core';
import { type AuditLayout, ID_LINE_BYTES, splitHistory } from '../layout.js';
import { readIfThere } from '../read-if-there.js';
import { HASH_BYTES } from '../tree-hash.js';
import { type ScannedEntries, scanEntries } from './scan-entries.js';

/** Everything an audit directory holds, read once and not yet believed. */
export interface LogContents extends ScannedEntries {
  /** Leaf hashes as the leaf file has them; the last one may be cut short. */
  recordedLeaves: Uint8Array[];
  /** The id the id file has for a place, when a well-formed one is there. */
  recordedId: (index: number) => string | undefined;
  /** Places the id file has, a torn last one included. */
  recordedIds: number;
  /** History, oldest first, then the newest checkpoint. */
  notes: { at: string; note: string }[];
  hasCheckpoint: boolean;
  /** What `log.json` says the log's key is. */
  claimedKey: string | undefined;
}

/**
 * Reads an audit directory.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` when there is no audit log in it or it cannot be read.
 */
export async function readContents(layout: AuditLayout): Promise<LogContents> {
  try {
    // In this order, so that a log at work is seen whole: history no newer than checkpoint, entries no older than either.
    const history = await readIfThere(layout.history);
    const checkpoint = await readIfThere(layout.checkpoint);
    const scanned = await scanEntries(layout);
    const [leaves, ids, about] = await Promise.all([layout.leaves, layout.ids, layout.about].map(readIfThere));
    if (scanned.lines.length === 0 && checkpoint === undefined) {
      throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'there is no audit log in this directory');
    }
    const notes = splitHistory(history?.toString() ?? '').map((note, position) => ({ at: `checkpoints.log#${position + 1}`, note }));
    if (checkpoint !== undefined) notes.push({ at: 'checkpoint', note: checkpoint.toString() });
    return {
      ...scanned,
      recordedLeaves: chunks(leaves ?? Buffer.alloc(0), HASH_BYTES),
      recordedId: (index) => idAt(ids, index),
      recordedIds: Math.ceil((ids?.length ?? 0) / ID_LINE_BYTES),
      notes,
      hasCheckpoint: checkpoint !== undefined,
      claimedKey: claimedKey(about?.toString() ?? ''),
    };
  } catch (cause) {
    if (cause instanceof ZhidaError) throw cause;
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the audit directory cannot be read', { cause });
  }
}

function idAt(ids: Buffer | undefined, index: number): string | undefined {
  const id = ids?.subarray(index * ID_LINE_BYTES, (index + 1) * ID_LINE_BYTES).toString('latin1');
  return id?.endsWith('\n') === true && isId('aud', id.slice(0, -1)) ? id.slice(0, -1) : undefined;
}

function claimedKey(about: string): string | undefined {
  try {
    const value: unknown = JSON.parse(about);
    return typeof value === 'object' && value !== null && 'vkey' in value && typeof value.vkey === 'string' ? value.vkey : undefined;
  } catch {
    return undefined;
  }
}

function chunks(bytes: Buffer, length: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += length) parts.push(bytes.subarray(start, start + length));
  return parts;
}
