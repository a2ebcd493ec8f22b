import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '@zhida/signing';
import { sql } from 'kysely';
import type { GatewayContext } from '../context.js';

/** A file of a folder, as a look at it found it. */
export interface FolderFile {
  readonly path: string;
  /** Keyed hash of its name, which may name a patient. */
  readonly key: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** How far a file had been read: all of it, when it was so. */
export interface ReadFile {
  readonly generation: number;
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly contentKey: string;
}

/** Bytes of one file. */
export const FILE_BYTES_MAX = 64 * 1024 * 1024;
/** Names under which programs keep what they have not finished. */
const UNFINISHED = /^[.~]|\.(?:tmp|temp|part|partial|filepart|crdownload|lock)$/i;

/** The files of a folder, the one changed longest ago first. Folders in it, links and unfinished files are left alone. */
export async function filesIn(context: GatewayContext, folder: string, feed: string): Promise<FolderFile[]> {
  const files: FolderFile[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile() || UNFINISHED.test(entry.name)) continue;
    const path = join(folder, entry.name);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) continue;
    files.push({
      path,
      key: context.rowKeys.of('file', feed, entry.name),
      bytes: found.size,
      modifiedMs: Math.trunc(found.mtimeMs),
    });
  }
  return files.toSorted((left, right) => left.modifiedMs - right.modifiedMs || (left.path < right.path ? -1 : 1));
}

/** The same size and time: nobody has written to it in between. */
export function isSame(known: Pick<FolderFile, 'bytes' | 'modifiedMs'> | undefined, file: FolderFile): boolean {
  return known !== undefined && known.bytes === file.bytes && known.modifiedMs === file.modifiedMs;
}

/** The bytes of a file, `undefined` when it is gone or is not what the look found: then the next look sees it again. */
export async function contentOf({ path, bytes }: FolderFile): Promise<Buffer | undefined> {
  const content = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return content?.length === bytes ? content : undefined;
}

/** Names a content without holding it. */
export function contentKey({ rowKeys }: GatewayContext, content: Uint8Array): string {
  return rowKeys.of('content', sha256Hex(content));
}

/** A file that only grew is the same file, and its first messages are the ones already taken; another content begins anew. */
export function generationOf(context: GatewayContext, known: ReadFile | undefined, content: Buffer): number {
  if (known === undefined) return 1;
  const grew = content.length >= known.bytes && contentKey(context, content.subarray(0, known.bytes)) === known.contentKey;
  return grew ? known.generation : known.generation + 1;
}

/**
 * How far each file of this look had been read, where it had; `known` is what the last look knew. Files that are gone are not kept in
 * memory: a folder into which every message comes as a file of its own has had millions.
 */
export async function readFiles(
  { database, facility }: GatewayContext,
  feed: string,
  files: readonly FolderFile[],
  known: ReadonlyMap<string, ReadFile>,
): Promise<Map<string, ReadFile>> {
  const read = new Map<string, ReadFile>();
  const keys: string[] = [];
  for (const { key } of files) {
    const file = known.get(key);
    if (file === undefined) keys.push(key);
    else read.set(key, file);
  }
  if (keys.length === 0) return read;
  const rows = await database.db
    .selectFrom('feed_files')
    .selectAll()
    .where('facility', '=', facility.code)
    .where('feed', '=', feed)
    .where('file_key', '=', sql<string>`any(${keys}::text[])`)
    .execute();
  for (const { file_key: key, generation, bytes, modified_at: modifiedAt, content_key: content } of rows) {
    read.set(key, { generation, bytes, modifiedMs: modifiedAt.getTime(), contentKey: content });
  }
  return read;
}

/** The cursor of a folder: this file, as it is, has been taken whole. */
export async function keepReadFile(
  { database, facility, clock }: GatewayContext,
  feed: string,
  fileKey: string,
  { generation, bytes, modifiedMs, contentKey: content }: ReadFile,
): Promise<void> {
  const row = {
    generation,
    bytes,
    modified_at: new Date(modifiedMs),
    content_key: content,
    read_at: new Date(clock.now()),
  };
  await database.db
    .insertInto('feed_files')
    .values({ facility: facility.code, feed, file_key: fileKey, ...row })
    .onConflict((conflict) => conflict.columns(['facility', 'feed', 'file_key']).doUpdateSet(row))
    .execute();
}
