import { parseCheckpoint } from '../checkpoint.js';
import { type AuditLayout, ENTRIES_PER_TILE } from '../layout.js';
import { equalHashes } from '../tree-hash.js';
import type { SqlExecutor } from './executor.js';
import { type LogState, entryLine, filesAreInPlace, historyOf } from './log-files.js';
import { checkpointsAfter, loggedFrom } from './rows.js';

/**
 * What the files hold once another process has gone on with them under the lock, from the rows since `state`: several relays
 * over one folder take turns, and none of them reads the whole log again for every turn of another.
 *
 * @returns undefined if the files or the newest checkpoint are not what those rows give; then everything is compared anew.
 */
export async function followFiles(client: SqlExecutor, layout: AuditLayout, state: LogState, batch: number): Promise<LogState | undefined> {
  const later = await checkpointsAfter(client, state.checkpoint?.size ?? -1);
  const newest = later.at(-1);
  if (newest === undefined) return undefined;
  const range = state.range.copy();
  let { tileBytes } = state;
  while (range.size < newest.size) {
    const rows = await loggedFrom(client, range.size, Math.min(batch, newest.size - range.size));
    if (rows.length === 0) return undefined;
    for (const row of rows) {
      if (range.size % ENTRIES_PER_TILE === 0) tileBytes = 0;
      tileBytes += entryLine(row).length;
      range.append(row.leafHash);
    }
  }
  if (range.size !== newest.size || !equalHashes(parseCheckpoint(newest.note).root, range.root())) return undefined;
  const followed = { range, tileBytes, historyBytes: state.historyBytes + historyOf(later).length, checkpoint: newest };
  return (await filesAreInPlace(layout, followed)) ? followed : undefined;
}
