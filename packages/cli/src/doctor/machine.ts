import { randomBytes } from 'node:crypto';
import { access, open, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CheckLine, look, right, wrong } from './check.js';

/** `engines` of package.json: 20 from its 19th, 22 from its 12th, and everything after. */
function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
}

export function nodeLine(version: string = process.version): CheckLine {
  return isSupported(version) ? right('node', { version }) : wrong('nodeOld', 'node', { version });
}

const MIB = 1024 * 1024;
const SPACE_WRONG_MIB = 200;
const SPACE_LOOK_MIB = 2_048;

/** A folder a service writes to: whether it can, and how much is left. One that is not there yet is judged by its parent. */
export async function folderLines(folder: string): Promise<CheckLine[]> {
  const there = await firstThere(folder);
  if (!(await canWrite(there))) return [wrong('folderClosed', 'folder', { folder })];
  const { bavail, bsize } = await statfs(there);
  const free = Math.floor((bavail * bsize) / MIB);
  const values = { folder, free };
  if (free < SPACE_WRONG_MIB) return [wrong('folderFull', 'space', values)];
  if (free < SPACE_LOOK_MIB) return [look('folderFull', 'space', values)];
  return [there === folder ? right('folder', values) : right('folderToMake', values)];
}

async function firstThere(folder: string): Promise<string> {
  try {
    await access(folder);
    return folder;
  } catch {
    return folder === dirname(folder) ? folder : firstThere(dirname(folder));
  }
}

/** Tried, not asked: root may be told yes on a file system that takes nothing. */
async function canWrite(folder: string): Promise<boolean> {
  const file = join(folder, `.zhida-doctor-${randomBytes(6).toString('hex')}`);
  try {
    await (await open(file, 'wx', 0o600)).close();
    await rm(file);
    return true;
  } catch {
    return false;
  }
}

const OTHERS = 0o077;

/** A file with a secret that other users of the machine can read. Windows keeps this elsewhere. */
export async function secretFileLines(files: Readonly<Record<string, string | undefined>>): Promise<CheckLine[]> {
  const lines: CheckLine[] = [];
  for (const [at, file] of Object.entries(files)) {
    if (file === undefined) continue;
    const mode = await stat(file).then(
      (found) => found.mode,
      () => undefined,
    );
    if (mode === undefined) lines.push(wrong('secretMissing', 'secretMissing', { at }));
    else if (process.platform !== 'win32' && (mode & OTHERS) !== 0) lines.push(look('secretOpen', 'secretOpen', { at }));
  }
  return lines;
}
