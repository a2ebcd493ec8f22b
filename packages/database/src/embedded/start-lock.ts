import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Deadline } from './deadline.js';
import { type ProcessIdentity, identityOf, isAlive, readIdentity } from './process-identity.js';
import { startError } from './start-error.js';

/** Held by one process at a time; a holder that was killed lets go by being dead. */
export interface StartLock {
  release(): void;
}

const POLL_MS = 40;

/**
 * Takes an exclusive lock made of files `NAME.1`, `NAME.2`, …: the highest number is the lock, and its file names the
 * holder. Who finds the holder dead or gone creates the next number, which the file system grants to one alone. A stale
 * lock is thus never removed by somebody who judged it a moment too early, the race of every lock that is one file.
 */
export async function acquireStartLock(file: string, deadline: Deadline): Promise<StartLock> {
  const self = identityOf(process.pid);
  if (self === undefined) throw startError('this system does not tell when a process began');
  for (;;) {
    const held = highest(file);
    if (held === 0 || !isHeld(`${file}.${held}`)) {
      const mine = held + 1;
      if (create(`${file}.${mine}`, self)) {
        // A slow contender may have created a number that was passed long ago: only the highest counts.
        if (highest(file) === mine) return hold(file, mine);
        rmSync(`${file}.${mine}`, { force: true });
      }
    } else {
      if (deadline.expired()) throw startError('another process is starting this database and does not finish', { at: `${file}.${held}` });
      await deadline.pause(POLL_MS);
    }
  }
}

function hold(file: string, number: number): StartLock {
  for (const older of numbers(file)) if (older < number) rmSync(`${file}.${older}`, { force: true });
  const own = `${file}.${number}`;
  let released = false;
  return {
    release: () => {
      if (released) return;
      released = true;
      // Emptied, not removed: the numbers must not go down while a contender is counting.
      writeFileSync(own, '{}');
    },
  };
}

function numbers(file: string): number[] {
  const prefix = `${basename(file)}.`;
  return readdirSync(dirname(file))
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)));
}

function highest(file: string): number {
  return Math.max(0, ...numbers(file));
}

function isHeld(own: string): boolean {
  try {
    const holder = readIdentity(JSON.parse(readFileSync(own, 'utf8')));
    return holder !== undefined && isAlive(holder);
  } catch {
    return false;
  }
}

/** Creates the file with its content in one step, so that nobody ever reads a lock without a holder. */
function create(own: string, self: ProcessIdentity): boolean {
  const temporary = join(dirname(own), `.${basename(own)}.${randomBytes(6).toString('hex')}`);
  writeFileSync(temporary, JSON.stringify(self), { flag: 'wx', mode: 0o600 });
  try {
    linkSync(temporary, own);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}
