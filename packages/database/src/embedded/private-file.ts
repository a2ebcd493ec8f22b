import { randomBytes } from 'node:crypto';
import { closeSync, fchownSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { startError } from './start-error.js';

/**
 * Replaces a file of mode 0600 at once and for good: a reader, also after a kill or a power cut, finds the old bytes or
 * the new ones, never a part. Written by root it belongs to the owner of its folder, who may be the one to read it next.
 */
export function writePrivateFile(file: string, text: string): void {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const descriptor = openSync(temporary, 'wx', 0o600);
  try {
    writeFileSync(descriptor, text);
    giveToFolderOwner(descriptor, file);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
  syncDirectory(dirname(file));
}

/** Makes a rename inside a directory survive a power cut. */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Gives an open file to whoever owns the folder it lies in; only root can, and only root needs to. */
export function giveToFolderOwner(descriptor: number, file: string): void {
  if (process.getuid?.() !== 0) return;
  const folder = statSync(dirname(file));
  fchownSync(descriptor, folder.uid, folder.gid);
}

/** The object in a JSON file, undefined when there is no file. A file that is not ours to read or not JSON is an error that names it. */
export function readPrivateObject(file: string): Record<string, unknown> | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw startError('a file of the embedded database cannot be read; it may belong to another user', { at: file, cause: error });
  }
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw startError('a file of the embedded database does not hold a JSON object', { at: file });
  }
  return value as Record<string, unknown>;
}

/** True for the error of a file that is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and this text may hold a password.
    return undefined;
  }
}
