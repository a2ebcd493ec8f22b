import { basename, sep } from 'node:path';
import type { Deadline } from './deadline.js';
import {
  type ProcessIdentity,
  commandOf,
  identityOf,
  isAlive,
  listProcesses,
  seesOurFiles,
  workingDirectoryOf,
} from './process-identity.js';
import { startError } from './start-error.js';

const POLL_MS = 20;

/**
 * Ends PostgreSQL's own programs that still work for an earlier, killed start: the recorded group leader with its group,
 * and, where the system lists processes, every `initdb` or `postgres` that names the folder or works in it. Comes back
 * when they are gone, so that nobody writes to the folder any more.
 */
export async function endOrphans(folder: string, recorded: ProcessIdentity | undefined, deadline: Deadline): Promise<void> {
  if (recorded !== undefined && isAlive(recorded)) signalQuietly(-recorded.pid, 'SIGKILL');
  const orphans = workersIn(folder);
  for (const orphan of orphans) signalQuietly(orphan.pid, 'SIGKILL');
  const all = recorded === undefined ? orphans : [recorded, ...orphans];
  while (all.some(isAlive)) {
    if (deadline.expired()) throw startError('a process of an earlier start does not end', { at: folder });
    await deadline.pause(POLL_MS);
  }
}

/** Sends a signal to a process that may just have ended. */
export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function workersIn(folder: string): ProcessIdentity[] {
  return listProcesses().flatMap((pid) => {
    const identity = worksFor(pid, folder) ? identityOf(pid) : undefined;
    return identity === undefined ? [] : [identity];
  });
}

/** True for PostgreSQL's programs; a server's own workers call themselves `postgres: checkpointer` and the like. */
export function isPostgresProgram(program: string): boolean {
  return ['initdb', 'postgres'].includes(basename(program.split(':')[0] ?? ''));
}

function worksFor(pid: number, folder: string): boolean {
  const [program = '', ...args] = commandOf(pid);
  if (!isPostgresProgram(program) || !seesOurFiles(pid)) return false;
  const working = workingDirectoryOf(pid);
  return [working, ...args].some((path) => path === folder || path?.startsWith(folder + sep));
}
