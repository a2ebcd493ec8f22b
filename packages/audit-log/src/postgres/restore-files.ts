import { hash } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type CompactRange, createCompactRange } from '../compact-range.js';
import { TEMPORARY_ENDING, replaceDurably, syncDirectory, writeDurably } from '../durable-file.js';
import { type AuditLayout, ENTRIES_PER_TILE, tilePath } from '../layout.js';
import type { LogPublicKey } from '../log-key.js';
import { HASH_BYTES, equalHashes, leafHash } from '../tree-hash.js';
import { readIfThere } from '../read-if-there.js';
import type { SqlExecutor } from './executor.js';
import { type LogState, entryLine, historyOf } from './log-files.js';
import { checkpointsAfter, leavesFrom, loggedFrom } from './rows.js';
import { checkSignedHeads, signedHeads } from './signed-heads.js';

const PRIVATE_FOLDER = 0o700;
const LEAVES_PER_QUERY = 10_000;

/** A file that was not what the rows say. */
export interface AuditRepair {
  /** Name below the audit directory. */
  file: string;
  /** `completed`: cut short, as a kill leaves it. `rewritten`, `removed`: it held other bytes, now under `set-aside/`. */
  what: 'completed' | 'rewritten' | 'removed';
}

/** What {@link restoreFiles} needs. */
export interface RestoreOptions {
  client: SqlExecutor;
  layout: AuditLayout;
  /** Heads in the files count as signed only under this key; heads in the database always count. */
  logKey: LogPublicKey;
  onRepair: (repair: AuditRepair) => void;
}

/**
 * Compares every file with the rows and makes it what they say, so that a kill at any instant, a lost file or a torn tail heals
 * by itself. What a signed checkpoint says outranks the rows: when they disagree, nothing is touched.
 *
 * @throws ZhidaError `ZD_ERR_AUDIT_CORRUPT` when rows are missing or changed: a person has to look before more is signed.
 */
export async function restoreFiles({ client, layout, logKey, onRepair }: RestoreOptions): Promise<LogState> {
  await mkdir(layout.entries, { recursive: true, mode: PRIVATE_FOLDER });
  const { leaves, ids } = await readLeaves(client);
  const stored = await checkpointsAfter(client, -1);
  const range = createCompactRange();
  checkSignedHeads(await signedHeads(layout, stored, logKey), eachLeaf(leaves, range));
  await removeTemporaries(layout);
  const tileBytes = await restoreTiles(client, layout, leaves, onRepair);
  const history = historyOf(stored);
  const checkpoint = stored.at(-1);
  await restoreFile(layout, layout.leaves, leaves, onRepair);
  await restoreFile(layout, layout.ids, ids, onRepair);
  await restoreFile(layout, layout.history, history, onRepair);
  await restoreFile(layout, layout.checkpoint, Buffer.from(checkpoint?.note ?? ''), onRepair);
  return { range, tileBytes, historyBytes: history.length, checkpoint };
}

async function readLeaves(client: SqlExecutor): Promise<{ leaves: Buffer; ids: Buffer }> {
  const leaves: Uint8Array[] = [];
  const ids: string[] = [];
  for (let page = LEAVES_PER_QUERY; page === LEAVES_PER_QUERY; ) {
    const rows = await leavesFrom(client, leaves.length, LEAVES_PER_QUERY);
    for (const row of rows) {
      leaves.push(row.leafHash);
      ids.push(`${row.entryId}\n`);
    }
    page = rows.length;
  }
  return { leaves: Buffer.concat(leaves), ids: Buffer.from(ids.join('')) };
}

function* eachLeaf(leaves: Buffer, range: CompactRange): Generator<CompactRange> {
  yield range;
  for (let offset = 0; offset < leaves.length; offset += HASH_BYTES) {
    range.append(leaves.subarray(offset, offset + HASH_BYTES));
    yield range;
  }
}

/** Returns the bytes in the tile the next entry goes to. */
async function restoreTiles(
  client: SqlExecutor,
  layout: AuditLayout,
  leaves: Buffer,
  onRepair: RestoreOptions['onRepair'],
): Promise<number> {
  const tileLeafBytes = ENTRIES_PER_TILE * HASH_BYTES;
  const tileCount = Math.ceil(leaves.length / tileLeafBytes);
  let tileBytes = 0;
  for (let tile = 0; tile < tileCount; tile += 1) {
    const path = tilePath(layout, tile);
    const expected = leaves.subarray(tile * tileLeafBytes, (tile + 1) * tileLeafBytes);
    let found = await readIfThere(path);
    if (found === undefined || !holdsExactly(found, expected)) {
      const rows = await loggedFrom(client, tile * ENTRIES_PER_TILE, expected.length / HASH_BYTES);
      found = Buffer.concat(rows.map(entryLine));
      await restoreFile(layout, path, found, onRepair);
    }
    tileBytes = found.length;
  }
  for (const name of await readdir(layout.entries)) {
    if (/^\d{6,}\.jsonl$/.test(name) && Number.parseInt(name, 10) >= tileCount) {
      await restoreFile(layout, join(layout.entries, name), new Uint8Array(0), onRepair);
    }
  }
  return tileBytes;
}

function holdsExactly(tile: Buffer, expected: Buffer): boolean {
  let start = 0;
  for (let offset = 0; offset < expected.length; offset += HASH_BYTES) {
    const end = tile.indexOf(0x0a, start);
    if (end < 0 || !equalHashes(leafHash(tile.subarray(start, end)), expected.subarray(offset, offset + HASH_BYTES))) return false;
    start = end + 1;
  }
  return start === tile.length;
}

async function restoreFile(layout: AuditLayout, path: string, expected: Uint8Array, onRepair: RestoreOptions['onRepair']): Promise<void> {
  const found = await readIfThere(path);
  if (found === undefined ? expected.length === 0 : Buffer.compare(found, expected) === 0) return;
  const file = path.slice(layout.directory.length + 1);
  if (found === undefined || Buffer.compare(found, expected.subarray(0, found.length)) === 0) {
    const from = found?.length ?? 0;
    await writeDurably(path, from, expected.subarray(from));
    onRepair({ file, what: 'completed' });
    return;
  }
  await mkdir(layout.setAside, { recursive: true, mode: PRIVATE_FOLDER });
  await rename(path, join(layout.setAside, `${basename(path)}.${hash('sha256', found, 'hex').slice(0, 16)}`));
  await syncDirectory(layout.setAside);
  if (expected.length > 0) await replaceDurably(path, expected);
  onRepair({ file, what: expected.length > 0 ? 'rewritten' : 'removed' });
}

async function removeTemporaries(layout: AuditLayout): Promise<void> {
  for (const folder of [layout.directory, layout.entries]) {
    for (const name of await readdir(folder)) if (name.endsWith(TEMPORARY_ENDING)) await rm(join(folder, name), { force: true });
  }
}
