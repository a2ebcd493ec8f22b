import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Binaries, copyBinaries, installedBinaries } from './binaries.js';
import { type ServiceUser, canEnter, canRun, findServiceUser } from './service-user.js';
import { startError } from './start-error.js';
import { type DatabaseState, readState, writeState } from './state-file.js';

/** Where one cluster lives and who serves it. */
export interface Place {
  directory: string;
  data: string;
  secrets: string;
  log: string;
  binaries: Binaries;
  /** Undefined: ourselves. */
  user: ServiceUser | undefined;
}

/** Where a database goes that cannot lie in the checkout, best first. */
const SYSTEM_DIRECTORIES = ['/var/lib/zhida', '/var/tmp'] as const;

export interface PlaceOptions {
  directory: string;
  stateFile: string;
  systemDirectories?: readonly string[];
}

/**
 * Settles where the database lies: in the folder asked for, or, when we are root and the service user cannot reach that
 * folder or run the programs there, under a system directory. The choice is written to the state file before anything is
 * made, so that the next start looks in the same place.
 */
export async function resolvePlace(options: PlaceOptions): Promise<Place> {
  const installed = installedBinaries();
  const state = readState(options.stateFile);
  if (process.getuid?.() !== 0) {
    chmodSync(options.directory, 0o700);
    return settle(options.stateFile, { place: options.directory, movedUnder: null, port: state?.port }, installed, undefined);
  }
  if (state !== undefined && state.movedUnder !== null) return move(options, { ...state, movedUnder: state.movedUnder }, installed);
  const user = findServiceUser(options.directory);
  if (canRun(user, installed.postgres) && canEnter(user, dirname(options.directory))) {
    // The folder stays root's, so that the server cannot replace its own secrets; it only passes through to its data.
    if (statSync(options.directory).uid === 0) chmodSync(options.directory, 0o711);
    return settle(options.stateFile, { place: options.directory, movedUnder: null, port: state?.port }, installed, user);
  }
  const movedUnder = systemDirectory(options.systemDirectories ?? SYSTEM_DIRECTORIES, user);
  return move(options, { place: join(movedUnder, `postgres-${randomBytes(6).toString('hex')}`), movedUnder, port: state?.port }, installed);
}

type Settled = Pick<DatabaseState, 'place' | 'movedUnder' | 'port'>;

/** Writes the choice before anything is made there: the next start then looks in the same place. */
async function move(options: PlaceOptions, to: Settled & { movedUnder: string }, installed: Binaries): Promise<Place> {
  const user = findServiceUser(to.place);
  settle(options.stateFile, to, installed, user);
  makePassable(to.movedUnder);
  makePassable(to.place);
  const binaries = canRun(user, installed.postgres) ? installed : await copyBinaries(installed, to.movedUnder, basename(to.place));
  if (!canRun(user, binaries.postgres)) {
    throw startError('the account that serves the database cannot run PostgreSQL’s programs', { at: binaries.postgres });
  }
  return settle(options.stateFile, to, binaries, user);
}

function settle(stateFile: string, { place, movedUnder, port }: Settled, binaries: Binaries, user: ServiceUser | undefined): Place {
  writeState(stateFile, { place, movedUnder, binaries: binaries.root, host: '127.0.0.1', port });
  return {
    directory: place,
    data: join(place, 'data'),
    secrets: join(place, 'secrets.json'),
    log: join(place, 'server.log'),
    binaries,
    user,
  };
}

/** A folder of root's that others pass through but neither list nor change. */
function makePassable(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o711 });
  chownSync(directory, 0, 0);
  chmodSync(directory, 0o711);
}

/** The first system directory that is root's alone and within the account's reach. In a shared one we make a folder of our own. */
function systemDirectory(candidates: readonly string[], user: ServiceUser | undefined): string {
  for (const candidate of candidates) {
    try {
      mkdirSync(candidate, { recursive: true, mode: 0o755 });
      const { uid, mode } = lstatSync(candidate);
      if (!canEnter(user, candidate)) continue;
      if (uid === 0 && (mode & 0o022) === 0) return candidate;
      // World-writable, like /var/tmp: only a name nobody could guess cannot have been laid out for us by another user.
      if (uid === 0 && (mode & 0o1000) !== 0) return join(candidate, `zhida-${randomBytes(8).toString('hex')}`);
    } catch {
      // A read-only or missing parent: the next candidate may do.
    }
  }
  throw startError(`no place for the database: the account that serves it can reach none of ${candidates.join(', ')}`);
}
