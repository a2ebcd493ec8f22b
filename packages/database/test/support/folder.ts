import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';

/** A temporary folder that the account of the server can pass through, as a checkout in an ordinary place is. */
export function passableFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zhida-embedded-'));
  chmodSync(folder, 0o711);
  return folder;
}

/**
 * Whether other accounts reach this checkout. Under a closed parent, root's server runs from a copy in a system directory:
 * what only happens in the folder itself is then tried on the next machine whose checkout lies open.
 */
export function checkoutIsOpen(): boolean {
  if (process.getuid?.() !== 0) return true;
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) {
      console.warn(`skipped: tests of a database inside the checkout, because ${folder} is closed to other accounts`);
      return false;
    }
    if (folder === dirname(folder)) return true;
  }
}

/** Where a start has settled its database, as soon as it has; the folder asked for or one in a system directory. */
export function settledPlace(stateFile: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(stateFile, 'utf8')) as { place: string }).place;
  } catch {
    return undefined;
  }
}

/** A checkout under a folder of mode 0700, which the account of the server cannot reach when we are root. */
export function closedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zhida-closed-'));
  mkdirSync(join(folder, 'checkout'));
  return join(folder, 'checkout');
}

/** Kills every process whose working directory or arguments lie below the folder, as the end of a container does. */
export function killAllIn(folder: string): void {
  for (const pid of processesIn(folder)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended by itself.
    }
  }
}

/** PostgreSQL's processes that work below the folder. */
export function processesIn(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const working = readlinkSync(`/proc/${pid}/cwd`);
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return (
          /initdb|postgres/.test(command) && (working.startsWith(folder + sep) || working === folder || command.includes(folder + sep))
        );
      } catch {
        return false;
      }
    });
}

/** Removes what a test made, its processes first; a database that was moved to a system directory goes too. */
export function clear(...folders: string[]): void {
  const moved = folders.map((folder) => settledPlace(join(folder, 'database.json'))).filter((place) => place !== undefined);
  for (const folder of [...moved, ...folders]) {
    killAllIn(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}
