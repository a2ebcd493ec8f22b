import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from './child-environment.js';
import type { Deadline } from './deadline.js';
import type { Place } from './place.js';
import { syncDirectory, writePrivateFile } from './private-file.js';
import { endOrphans, signalQuietly } from './process-group.js';
import { type ProcessIdentity, identityOf, readIdentity } from './process-identity.js';
import { openLog } from './server-log.js';
import { startError } from './start-error.js';

/** The one superuser of a cluster. */
export const ADMINISTRATOR = 'postgres';

const POLL_MS = 25;

/**
 * Makes the data directory unless it is there, so that a kill at any instant leaves either none or a whole one: `initdb`
 * works below `data.new`, and only what it has finished and flushed is renamed to `data`. Each try has a folder of its
 * own name, so that an `initdb` left over from a killed start, should it escape being ended, cannot write into ours.
 */
export async function initialiseCluster(place: Place, password: string, deadline: Deadline): Promise<boolean> {
  const workshop = `${place.data}.new`;
  const record = join(place.directory, 'initdb.json');
  const tidy = async (): Promise<void> => {
    await endOrphans(workshop, readRecord(record), deadline);
    rmSync(workshop, { recursive: true, force: true, maxRetries: 3 });
    rmSync(record, { force: true });
  };
  if (existsSync(workshop) || existsSync(record)) await tidy();
  if (existsSync(place.data)) return false;
  mkdirSync(workshop, { mode: 0o700 });
  const cluster = join(workshop, randomBytes(6).toString('hex'));
  const passwordFile = `${cluster}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600, flag: 'wx' });
  if (place.user !== undefined) for (const path of [workshop, passwordFile]) chownSync(path, place.user.uid, place.user.gid);
  try {
    await runInitdb(place, { cluster, passwordFile, record }, deadline);
    renameSync(cluster, place.data);
    syncDirectory(place.directory);
  } finally {
    await tidy();
  }
  return true;
}

async function runInitdb(
  place: Place,
  paths: { cluster: string; passwordFile: string; record: string },
  deadline: Deadline,
): Promise<void> {
  const log = openLog(place.log);
  const args = ['-D', paths.cluster, '--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--username=${ADMINISTRATOR}`];
  const child = spawn(place.binaries.initdb, [...args, `--pwfile=${paths.passwordFile}`], {
    cwd: place.directory,
    // A group of its own: Ctrl-C and a kill of our group end us, and the next start ends what is left of it.
    detached: true,
    stdio: ['ignore', log, log],
    env: childEnvironment(),
    ...place.user,
  });
  closeSync(log);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  let code: number | null | undefined;
  let failure: unknown;
  ended.then(
    (exitCode) => (code = exitCode),
    (error: unknown) => (failure = error),
  );
  const identity = child.pid === undefined ? undefined : identityOf(child.pid);
  if (identity !== undefined) writePrivateFile(paths.record, JSON.stringify(identity));
  try {
    while (code === undefined && failure === undefined && !deadline.expired()) await deadline.pause(POLL_MS);
  } catch (error) {
    if (child.pid !== undefined) signalQuietly(-child.pid, 'SIGKILL');
    throw error;
  }
  if (code !== 0) throw startError('initdb did not make the database', { at: place.log, cause: failure });
}

function readRecord(record: string): ProcessIdentity | undefined {
  try {
    return readIdentity(JSON.parse(readFileSync(record, 'utf8')));
  } catch {
    // Not there, or cut short by a kill: then the list of processes decides.
    return undefined;
  }
}
