import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, stat, chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ZhidaError } from '@zhida/core';

const POSIX = process.platform !== 'win32';
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
/** Bits that let somebody but the owner read, write or enter. */
const OTHERS = 0o077;
/** Bits that let somebody but the owner write. */
const OTHERS_WRITE = 0o022;

/** Reads a file, or `undefined` when there is none. @throws ZhidaError `ZD_ERR_KEY_FILE` when it cannot be read. */
export async function readIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw unusable(path, 'cannot be read', cause);
  }
}

/** The names in a directory, sorted; none when it does not exist. */
export async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return [];
    throw unusable(directory, 'cannot be read', cause);
  }
}

/** @throws ZhidaError `ZD_ERR_KEY_FILE` when others can read, write or enter it. POSIX only: Windows keeps this elsewhere. */
export async function requirePrivate(path: string): Promise<void> {
  await requireBits(path, OTHERS, 'is open to other users (folders must be 0700, files 0600)');
}

/** @throws ZhidaError `ZD_ERR_KEY_FILE` when others can change it: a pinned key is public, but nobody else may choose it. */
export async function requireOwnedWrites(path: string): Promise<void> {
  await requireBits(path, OTHERS_WRITE, 'can be changed by other users');
}

async function requireBits(path: string, bits: number, problem: string): Promise<void> {
  if (!POSIX) return;
  const { mode } = await stat(path).catch((cause: unknown) => {
    throw unusable(path, 'cannot be read', cause);
  });
  if ((mode & bits) !== 0) throw unusable(path, problem);
}

/** Makes a 0700 folder, durable with every folder made on the way. One that was there and is still empty is closed to others first. */
export async function makePrivateDirectory(directory: string): Promise<void> {
  try {
    const first = await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
    if (POSIX && (await readdir(directory)).length === 0) await chmod(directory, DIRECTORY_MODE);
    let made = directory;
    await flushDirectory(dirname(made));
    while (first !== undefined && made !== first && made !== dirname(made)) {
      made = dirname(made);
      await flushDirectory(dirname(made));
    }
  } catch (cause) {
    throw unusable(directory, 'cannot be made', cause);
  }
}

/** Replaces a file so that a reader, or a restart after a kill, meets the old bytes or the new ones, never a part. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await throughTemporary(path, text, async (temporary) => rename(temporary, path));
}

/** Like {@link replaceFile}, but never over a file that is there: of two racing writers one wins and both go on with its bytes. */
export async function createFile(path: string, text: string): Promise<void> {
  await throughTemporary(path, text, async (temporary) => {
    await link(temporary, path).catch((cause: unknown) => {
      if (codeOf(cause) !== 'EEXIST') throw cause;
    });
    await rm(temporary);
  });
}

async function throughTemporary(path: string, text: string, publish: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', FILE_MODE);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await publish(temporary);
    await flushDirectory(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true });
    throw unusable(path, 'cannot be written', cause);
  }
}

/** A new name is durable only once its folder is flushed. Windows has no such call and needs none. */
async function flushDirectory(directory: string): Promise<void> {
  if (!POSIX) return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function unusable(path: string, problem: string, cause?: unknown): ZhidaError {
  return new ZhidaError('ZD_ERR_KEY_FILE', problem, { at: path, cause });
}
