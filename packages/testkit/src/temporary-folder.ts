import { chmodSync, mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
const PREFIX = 'zhida-test-';
/** A run fills a few hundred megabytes of it; a container's default of 64 MB is not enough. */
const ROOM_BYTES = 4 * 2 ** 30;

/**
 * A folder for everything a run writes, and its path as `TMPDIR`, which every process of the run inherits. It lies in memory where
 * there is plenty: a run makes hundreds of databases, and on a disk most of its time is waiting for what no test looks at. The
 * servers keep `fsync` on; a process that is killed loses nothing that was written there.
 */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const before = process.env['TMPDIR'];
  const parent = hasRoom() ? MEMORY : tmpdir();
  removeAbandoned(parent);
  const path = join(parent, `${PREFIX}${process.pid}`);
  mkdirSync(path, { recursive: true });
  // As root the database servers run under another account, which must pass through and may write.
  chmodSync(path, 0o1777);
  process.env['TMPDIR'] = path;
  return {
    path,
    remove() {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ROOM_BYTES && freemem() >= ROOM_BYTES;
  } catch {
    // Not Linux.
    return false;
  }
}

/** What a run left that was killed: memory, until somebody removes it. */
function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = Number(name.slice(PREFIX.length));
    if (name.startsWith(PREFIX) && Number.isInteger(pid) && !isRunning(pid)) removeIfPossible(join(parent, name));
  }
}

/** What another account or a mount holds is not this run's to fail over. */
function removeIfPossible(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    process.stderr.write(`left behind by an earlier run and not removable: ${path} (${(error as NodeJS.ErrnoException).code})\n`);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
