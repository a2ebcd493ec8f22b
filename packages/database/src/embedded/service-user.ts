import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isMissing } from './private-file.js';
import { startError } from './start-error.js';

/** The account that runs the server when we are root: PostgreSQL refuses to run as root. */
export interface ServiceUser {
  uid: number;
  gid: number;
}

/** Accounts to run as, best first. They are looked for, never created. */
const ACCOUNTS = ['postgres', 'nobody'];

/**
 * Finds the account for the server: undefined (ourselves) unless we are root. A database that an ordinary user made, or a
 * folder that is his, keeps its owner.
 */
export function findServiceUser(directory: string): ServiceUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const path of [join(directory, 'data'), directory]) {
    const owner = ownerOf(path);
    if (owner !== undefined && owner.uid !== 0) return owner;
  }
  for (const account of ACCOUNTS) {
    const uid = numberFrom('id', ['-u', account]);
    const gid = numberFrom('id', ['-g', account]);
    if (uid !== undefined && gid !== undefined && uid !== 0) return { uid, gid };
  }
  throw startError('PostgreSQL does not run as root, and neither the account postgres nor nobody exists; start as an ordinary user');
}

/** True if this account can enter the directory. Asked by trying: mode bits do not know of ACLs and mounts. */
export function canEnter(user: ServiceUser | undefined, directory: string): boolean {
  return runAs(user, '/bin/sh', ['-c', 'cd -- "$1"', 'sh', directory]);
}

/** True if this account can run this program, its shared libraries included. */
export function canRun(user: ServiceUser | undefined, program: string): boolean {
  return runAs(user, program, ['-V']);
}

function runAs(user: ServiceUser | undefined, program: string, args: string[]): boolean {
  return spawnSync(program, args, { cwd: '/', stdio: 'ignore', ...user }).status === 0;
}

function numberFrom(program: string, args: string[]): number | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 && /^\d+\n?$/.test(stdout) ? Number(stdout) : undefined;
}

function ownerOf(path: string): ServiceUser | undefined {
  try {
    const { uid, gid } = statSync(path);
    return { uid, gid };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
