import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const PRIVATE_FILE = 0o600;
/** Ending of files that are only ever renamed or left over. */
export const TEMPORARY_ENDING = '.tmp';

/**
 * Writes bytes at an offset and returns once they are on the disk. Writing the same bytes to the same place twice does no harm,
 * which is what makes an interrupted append safe to repeat.
 */
export async function writeDurably(path: string, offset: number, bytes: Uint8Array): Promise<void> {
  const { file, created } = await openOrCreate(path);
  try {
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await file.write(bytes, written, bytes.length - written, offset + written);
      written += bytesWritten;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (created) await syncDirectory(dirname(path));
}

/** Puts a whole file in place: a reader sees the old one or the new one, never a part. */
export async function replaceDurably(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `${randomUUID()}${TEMPORARY_ENDING}`);
  const file = await open(temporary, 'wx', PRIVATE_FILE);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

/** Makes creations and renames in a folder last. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open a folder and journals its renames by itself.
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function openOrCreate(path: string): Promise<{ file: FileHandle; created: boolean }> {
  try {
    return { file: await open(path, 'r+'), created: false };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { file: await open(path, 'wx+', PRIVATE_FILE), created: true };
  }
}
