import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';

/** A temporary folder that the account of the server can pass through, as a checkout in an ordinary place is. */
export function passableFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zhida-embedded-'));
  chmodSync(folder, 0o711);
  return folder;
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

/** Removes what a test made, its processes first. */
export function clear(...folders: string[]): void {
  for (const folder of folders) {
    killAllIn(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}
