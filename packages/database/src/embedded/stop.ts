import { ZhidaError } from '@zhida/core';
import type { Deadline } from './deadline.js';
import type { Postmaster } from './postmaster.js';
import { signalQuietly } from './process-group.js';
import { isAlive } from './process-identity.js';
import { startDeadline } from './deadline.js';

const POLL_MS = 20;
const QUIT_GRACE_MS = 10_000;

/**
 * Stops a server, ours or adopted: fast shutdown (SIGINT: sessions are ended, everything is flushed), and when that takes
 * longer than the deadline the immediate one (SIGQUIT: nothing committed is lost, the next start replays the log).
 *
 * @throws ZhidaError `ZD_ERR_DATABASE_STOP` when the process is there after both.
 */
export async function stopPostmaster(postmaster: Postmaster, deadline: Deadline, quitGraceMs = QUIT_GRACE_MS): Promise<void> {
  if (!isAlive(postmaster.process)) return;
  signalQuietly(postmaster.process.pid, 'SIGINT');
  if (await gone(postmaster, deadline)) return;
  signalQuietly(postmaster.process.pid, 'SIGQUIT');
  if (await gone(postmaster, startDeadline(quitGraceMs))) return;
  throw new ZhidaError('ZD_ERR_DATABASE_STOP', `the database server (pid ${postmaster.process.pid}) does not end`);
}

async function gone(postmaster: Postmaster, deadline: Deadline): Promise<boolean> {
  while (isAlive(postmaster.process)) {
    if (deadline.expired()) return false;
    await deadline.pause(POLL_MS);
  }
  return true;
}
