import { stat } from 'node:fs/promises';
import { ZhidaError } from '@zhida/core';
import type { CompactRange } from '../compact-range.js';
import { replaceDurably, writeDurably } from '../durable-file.js';
import { type AuditLayout, ENTRIES_PER_TILE, ID_LINE_BYTES, tilePath } from '../layout.js';
import { HASH_BYTES, equalHashes, leafHash } from '../tree-hash.js';
import { readIfThere } from '../read-if-there.js';
import type { CheckpointRow, LoggedRow } from './rows.js';

/** What the files hold. Every byte of them follows from the rows, so writing them again writes the same. */
export interface LogState {
  range: CompactRange;
  /** Bytes in the tile the next entry goes to. */
  tileBytes: number;
  historyBytes: number;
  checkpoint: CheckpointRow | undefined;
}

/** One line of `entries/`. */
export function entryLine(row: LoggedRow): Uint8Array {
  if (!equalHashes(leafHash(row.bytes), row.leafHash)) {
    throw new ZhidaError('ZD_ERR_AUDIT_CORRUPT', `the row of entry ${row.entryId} was changed after it was logged`, {
      at: `entries[${row.index}]`,
    });
  }
  return Buffer.concat([row.bytes, Buffer.from('\n')]);
}

/** Appends rows that follow directly on the state and returns once they are on the disk. The state moves only then. */
export async function appendRows(layout: AuditLayout, state: LogState, rows: readonly LoggedRow[]): Promise<void> {
  const range = state.range.copy();
  let { tileBytes } = state;
  const first = range.size;
  for (const tile of tilesOf(rows)) {
    const bytes = Buffer.concat(tile.map(entryLine));
    if (range.size % ENTRIES_PER_TILE === 0) tileBytes = 0;
    await writeDurably(tilePath(layout, Math.floor(range.size / ENTRIES_PER_TILE)), tileBytes, bytes);
    tileBytes += bytes.length;
    for (const row of tile) range.append(row.leafHash);
  }
  await writeDurably(layout.leaves, first * HASH_BYTES, Buffer.concat(rows.map((row) => row.leafHash)));
  await writeDurably(layout.ids, first * ID_LINE_BYTES, Buffer.from(rows.map((row) => `${row.entryId}\n`).join('')));
  state.range = range;
  state.tileBytes = tileBytes;
}

/**
 * Writes checkpoints whose entries are already in the files. The newest first, then the history: a kill in between leaves a history
 * that is short, never a checkpoint that is older than its history, which is what a rollback looks like.
 */
export async function appendCheckpoints(layout: AuditLayout, state: LogState, rows: readonly CheckpointRow[]): Promise<void> {
  const newest = rows.at(-1);
  if (newest === undefined) return;
  const bytes = historyOf(rows);
  await replaceDurably(layout.checkpoint, Buffer.from(newest.note));
  await writeDurably(layout.history, state.historyBytes, bytes);
  state.historyBytes += bytes.length;
  state.checkpoint = newest;
}

/** Bytes of `checkpoints.log` for these checkpoints: a blank line after each. */
export function historyOf(rows: readonly CheckpointRow[]): Uint8Array {
  return Buffer.from(rows.map((row) => `${row.note}\n`).join(''));
}

/** True when the files are as long as the state says and the newest checkpoint is in place: cheap enough for every run. */
export async function filesAreInPlace(layout: AuditLayout, state: LogState): Promise<boolean> {
  const { size } = state.range;
  const lastTile = Math.max(0, Math.ceil(size / ENTRIES_PER_TILE) - 1);
  const lengths = await Promise.all([
    lengthOf(layout.leaves),
    lengthOf(layout.ids),
    lengthOf(layout.history),
    lengthOf(tilePath(layout, lastTile)),
    lengthOf(tilePath(layout, lastTile + 1)),
  ]);
  const expected = [size * HASH_BYTES, size * ID_LINE_BYTES, state.historyBytes, state.tileBytes, 0];
  if (lengths.some((length, position) => length !== expected[position])) return false;
  return state.checkpoint === undefined || (await readIfThere(layout.checkpoint))?.toString() === state.checkpoint.note;
}

async function lengthOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

function tilesOf(rows: readonly LoggedRow[]): LoggedRow[][] {
  const tiles: LoggedRow[][] = [];
  for (const row of rows) {
    const open = tiles.at(-1);
    if (open === undefined || row.index % ENTRIES_PER_TILE === 0) tiles.push([row]);
    else open.push(row);
  }
  return tiles;
}
