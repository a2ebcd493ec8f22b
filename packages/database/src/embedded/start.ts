import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isZhidaError } from '@zhida/core';
import { type Deadline, startDeadline } from './deadline.js';
import { type EmbeddedServer, createServerHandle } from './embedded-server.js';
import { freePort, isPortFree } from './free-port.js';
import { initialiseCluster } from './initialise-cluster.js';
import { type Place, resolvePlace } from './place.js';
import { type PidFile, type Postmaster, probe, readPidFile, spawnPostmaster } from './postmaster.js';
import { endOrphans, isPostgresProgram } from './process-group.js';
import { commandOf, isAlive, workingDirectoryOf } from './process-identity.js';
import { readOrCreateSecrets } from './secrets.js';
import { capLog } from './server-log.js';
import { startError } from './start-error.js';
import { acquireStartLock } from './start-lock.js';
import { readState, writePort } from './state-file.js';
import { stopPostmaster } from './stop.js';

/** Options of {@link startEmbeddedPostgres}. */
export interface EmbeddedOptions {
  /** The folder of the database, made if it is missing. */
  directory: string;
  /**
   * The file that names the place and port (0600).
   * @defaultValue `database.json` in `directory`
   */
  stateFile?: string;
  /** Told each step, one line, no secret. */
  log?: (line: string) => void;
  /** Ends the start; what it had begun is stopped. */
  signal?: AbortSignal;
  /**
   * Milliseconds until the start is given up, making the cluster included.
   * @defaultValue 120 000
   */
  startTimeoutMs?: number;
}

interface Start {
  place: Place;
  stateFile: string;
  password: string;
  deadline: Deadline;
  log: (line: string) => void;
}

const START_TIMEOUT_MS = 120_000;
const POLL_MS = 30;
const SPAWN_TRIES = 8;

/**
 * Gives a running PostgreSQL server on this folder, by making the cluster, starting the server, or adopting the one that
 * a killed start left running. It may be called again after a kill at any instant, and by several processes at once.
 *
 * @throws ZhidaError `ZD_ERR_DATABASE_START` naming the server's log or the file that stands in the way.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedServer> {
  if (process.platform === 'win32') {
    throw startError('the embedded PostgreSQL runs on Linux and macOS; on Windows give the address of a database');
  }
  options.signal?.throwIfAborted();
  try {
    return await start(options);
  } catch (error) {
    if (isZhidaError(error) || options.signal?.aborted === true || !(error instanceof Error && 'syscall' in error)) throw error;
    throw startError('the folder of the database cannot be used; it may belong to another user', { at: options.directory, cause: error });
  }
}

async function start(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const deadline = startDeadline(options.startTimeoutMs ?? START_TIMEOUT_MS, options.signal);
  const directory = makeDirectory(resolve(options.directory));
  const stateFile = resolve(options.stateFile ?? join(directory, 'database.json'));
  makeDirectory(dirname(stateFile));
  const log = options.log ?? (() => undefined);
  const lockFile = join(directory, 'start.lock');
  const lock = await acquireStartLock(lockFile, deadline);
  try {
    const place = await resolvePlace({ directory, stateFile });
    if (place.directory !== directory) log(`the database lies in ${place.directory}`);
    const { administrator: password } = readOrCreateSecrets(place.secrets);
    const created = await initialiseCluster(place, password, deadline);
    if (created) log('a new database was made');
    capLog(place.log);
    const { postmaster, adopted } = await adoptOrStart({ place, stateFile, password, deadline, log });
    writePort(stateFile, postmaster.port);
    log(`${adopted ? 'adopted the running' : 'started the'} database server on port ${postmaster.port}`);
    return createServerHandle({ place, postmaster, password, adopted, lockFile });
  } finally {
    lock.release();
  }
}

async function adoptOrStart(start: Start): Promise<{ postmaster: Postmaster; adopted: boolean }> {
  for (let attempt = 1; attempt <= SPAWN_TRIES; attempt += 1) {
    const found = readPidFile(start.place.data);
    const running = found === undefined ? undefined : await examine(start, found);
    if (running !== undefined) return { postmaster: running, adopted: true };
    // No server of this folder lives: what still works in it lost its main process to a kill, or is a start that was cut off.
    await endOrphans(start.place.data, undefined, start.deadline);
    const started = await startOnce(start);
    if (started !== undefined) return { postmaster: started, adopted: false };
    // It ended: the port went to somebody, or a server of a killed start was quicker, or its last workers still hold the memory.
    await start.deadline.pause(100 * attempt);
  }
  throw startError('PostgreSQL ends as soon as it is started; its log says why', { at: start.place.log });
}

/** Decides whether the pid in `postmaster.pid` is a live server of this very folder, and waits until it can be used. */
async function examine(start: Start, found: PidFile): Promise<Postmaster | undefined> {
  const { place, password, deadline } = start;
  if (found.process === undefined) return undefined;
  const working = workingDirectoryOf(found.pid);
  if (working !== undefined && working !== realpathSync(place.data)) return disown(start);
  const [program] = commandOf(found.pid);
  if (program !== undefined && !isPostgresProgram(program)) return disown(start);
  while (isAlive(found.process)) {
    const answer = await probe(found.port, password, place.data);
    if (answer === 'ours') return { process: found.process, port: found.port };
    if (answer === 'another') return disown(start);
    if (answer === 'moved') {
      await stopPostmaster({ process: found.process, port: found.port }, deadline);
      return undefined;
    }
    if (answer === 'refused-password' && working !== undefined) {
      throw startError('the running server does not know the password in this file', { at: place.secrets });
    }
    if (answer === 'refused-password') return disown(start);
    if (deadline.expired()) throw startError('a server of this folder runs but does not answer', { at: place.log });
    await deadline.pause(POLL_MS);
  }
  return undefined;
}

/**
 * The pid now belongs to another program, or the folder is a copy of one whose server runs. PostgreSQL would refuse to
 * start because that pid lives, so the stale file goes. Its shared memory check does not need the file.
 */
function disown(start: Start): undefined {
  start.log('the pid file of the database is stale and was removed');
  rmSync(join(start.place.data, 'postmaster.pid'), { force: true });
  return undefined;
}

async function startOnce(start: Start): Promise<Postmaster | undefined> {
  const { place, stateFile, password, deadline } = start;
  const last = readState(stateFile)?.port;
  const port = last !== undefined && (await isPortFree(last)) ? last : await freePort();
  writePort(stateFile, port);
  const child = spawnPostmaster(place, port);
  try {
    while (!child.ended()) {
      const found = readPidFile(place.data);
      if (found?.process !== undefined && found.port === port && (await probe(port, password, place.data)) === 'ours') {
        return { process: found.process, port };
      }
      if (deadline.expired()) throw startError('PostgreSQL was started but does not answer', { at: place.log });
      await deadline.pause(POLL_MS);
    }
  } catch (error) {
    const found = readPidFile(place.data);
    if (found?.process !== undefined) await stopPostmaster({ process: found.process, port }, startDeadline(10_000));
    throw error;
  }
  return undefined;
}

/** Makes a folder for us alone; when we are root others may pass through, for the account that serves the database. */
function makeDirectory(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  return realpathSync(directory);
}
