import { spawn } from 'node:child_process';
import { closeSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { childEnvironment } from './child-environment.js';
import { ADMINISTRATOR } from './initialise-cluster.js';
import type { Place } from './place.js';
import { type ProcessIdentity, identityOf } from './process-identity.js';
import { openLog } from './server-log.js';
import { serverSettings } from './settings.js';

/** A running server: its main process and where it listens. */
export interface Postmaster {
  process: ProcessIdentity;
  port: number;
}

/** What `postmaster.pid` says; `process` is undefined when that pid lives no more. */
export interface PidFile {
  pid: number;
  port: number;
  process: ProcessIdentity | undefined;
}

/** Reads the server's own pid file (lines: pid, data directory, start, port, …); undefined when there is none or it is half written. */
export function readPidFile(data: string): PidFile | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return undefined;
  }
  // A server that runs on its own writes its pid; only the single-user mode writes it negative.
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isSafeInteger(pid) || pid <= 0 || !Number.isSafeInteger(port) || port <= 0) return undefined;
  return { pid, port, process: identityOf(pid) };
}

/** Starts the server in a session of its own, so that no signal to us or to our group reaches it. It logs to a file and outlives us. */
export function spawnPostmaster(place: Place, port: number): { ended: () => boolean } {
  const log = openLog(place.log);
  const settings = Object.entries(serverSettings(port)).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(place.binaries.postgres, ['-D', place.data, ...settings], {
    cwd: place.directory,
    detached: true,
    stdio: ['ignore', log, log],
    env: childEnvironment(),
    ...place.user,
  });
  closeSync(log);
  let over = false;
  child.once('error', () => (over = true));
  child.once('exit', () => (over = true));
  child.unref();
  return { ended: () => over || child.exitCode !== null };
}

/** What a connection attempt found. `not-yet` covers "refused", "starting up" and "shutting down". */
export type Probe = 'ours' | 'another' | 'moved' | 'refused-password' | 'not-yet';

/** Connects as the administrator and asks the server which data directory it serves. SCRAM proves both ends to each other. */
export async function probe(port: number, password: string, data: string): Promise<Probe> {
  const client = new pg.Client({ ...administratorAddress(port, password), connectionTimeoutMillis: 2000, query_timeout: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    return compareDirectories(rows[0]?.data_directory ?? '', data);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code === '28P01' || code === '28000' ? 'refused-password' : 'not-yet';
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Address and account of the superuser. */
export function administratorAddress(port: number, password: string): pg.ClientConfig & { host: string; port: number } {
  return { host: '127.0.0.1', port, user: ADMINISTRATOR, password, database: 'postgres', ssl: false };
}

function compareDirectories(served: string, data: string): Probe {
  try {
    return realpathSync(served) === realpathSync(data) ? 'ours' : 'another';
  } catch {
    // The folder was moved under the running server, which only knows the old path.
    return 'moved';
  }
}
