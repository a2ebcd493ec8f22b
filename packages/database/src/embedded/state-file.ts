import { invariant } from '@zhida/core';
import { readPrivateObject, writePrivateFile } from './private-file.js';

/** What `database.json` says: where the database is, for whoever looks for it, and which port it last had. */
export interface DatabaseState {
  /** The folder of the data, secrets and log; not the one asked for where the service user cannot reach that. */
  place: string;
  /** The system directory this database was moved to; null when it lies in the folder asked for, also after that was renamed. */
  movedUnder: string | null;
  /** The folder of PostgreSQL's programs. */
  binaries: string;
  host: '127.0.0.1';
  port: number | undefined;
}

/** Reads the state file; undefined when the database was never started from here. */
export function readState(file: string): DatabaseState | undefined {
  const value = readPrivateObject(file);
  if (value === undefined || typeof value['place'] !== 'string') return undefined;
  const port = value['port'];
  return {
    place: value['place'],
    movedUnder: typeof value['movedUnder'] === 'string' ? value['movedUnder'] : null,
    binaries: typeof value['binaries'] === 'string' ? value['binaries'] : '',
    host: '127.0.0.1',
    port: typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined,
  };
}

/** Replaces the state file (0600). */
export function writeState(file: string, state: DatabaseState): void {
  writePrivateFile(file, `${JSON.stringify({ v: '1', ...state }, null, 2)}\n`);
}

/** Keeps the port for the next start. */
export function writePort(file: string, port: number): void {
  const state = readState(file);
  invariant(state !== undefined, 'the place is settled before the port');
  if (state.port !== port) writeState(file, { ...state, port });
}
