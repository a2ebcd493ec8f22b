import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');
const PNPM = ['-y', 'pnpm@10.34.9'];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly publishConfig?: { readonly exports?: Record<string, string | Record<string, string>> };
}

/** What pnpm says of a tarball. */
interface Packed {
  readonly name: string;
  readonly filename: string;
}

/** A package that strangers install. */
export interface PublishedPackage {
  readonly folder: string;
  readonly name: string;
  /** As a stranger writes them, `@zhida/fhir/client`. */
  readonly entries: readonly string[];
  /** What its entries lead to, from its folder. */
  readonly files: readonly string[];
}

export const published: readonly PublishedPackage[] = readdirSync(join(ROOT, 'packages'))
  .map((name) => join(ROOT, 'packages', name))
  .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest }))
  .filter(({ manifest }) => manifest.private !== true)
  .map(({ folder, manifest: { name, publishConfig } }) => ({
    folder,
    name,
    entries: Object.keys(publishConfig?.exports ?? {}).map((entry) => name + entry.slice(1)),
    files: Object.values(publishConfig?.exports ?? {}).flatMap((target) => (typeof target === 'string' ? target : Object.values(target))),
  }));

/** The packages of which something is missing that a build makes. */
export function unbuilt(packages: readonly Pick<PublishedPackage, 'folder' | 'name' | 'files'>[]): string[] {
  return packages.filter(({ folder, files }) => !files.every((file) => existsSync(join(folder, file)))).map(({ name }) => name);
}

/** Runs a program and gives what it wrote. @throws where it ends with anything but 0 */
export function run(folder: string, command: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): string {
  // What this script was started with is not what a stranger has set.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_')));
  return execFileSync(command, args, {
    env: { ...env, ...more },
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  });
}

export function pnpm(folder: string, ...args: readonly string[]): string {
  return run(folder, 'npx', [...PNPM, ...args]);
}

/** Packs every published package into a folder. @returns the path of each tarball by the package's name */
export function pack(destination: string): ReadonlyMap<string, string> {
  const these = published.flatMap(({ name }) => ['--filter', name]);
  const packed = JSON.parse(pnpm(ROOT, '-r', ...these, 'pack', '--json', '--pack-destination', destination)) as Packed[];
  const tarballs = new Map(packed.map(({ name, filename }) => [name, filename]));
  const left = published.filter(({ name }) => !tarballs.has(name));
  if (left.length > 0) throw new Error(`not packed: ${left.map(({ name }) => name).join(', ')}`);
  return tarballs;
}

/** The same by the command that the guides name. */
export function packAsTyped(destination: string): ReadonlyMap<string, string> {
  return new Map(JSON.parse(pnpm(ROOT, '-s', 'tarballs', destination, '--json')) as [string, string][]);
}

/** An empty folder in which npm has installed the tarballs, as the guides for newcomers say. */
export function newcomerOf(tarballs: ReadonlyMap<string, string>, folder: string): void {
  mkdirSync(folder);
  run(folder, 'npm', ['init', '-y']);
  run(folder, 'npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs.values()]);
}

/** An empty project with the tarballs, a package of others in the version we use, and nothing else of this repository. */
export function consumerOf(tarballs: ReadonlyMap<string, string>, other: string, folder: string): void {
  mkdirSync(folder);
  const overrides = Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`]));
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', other, 'package.json'), 'utf8')) as Manifest;
  const dependencies = { ...overrides, [other]: version };
  const manifest = { name: 'consumer', version: '0.0.0', private: true, type: 'module', dependencies, pnpm: { overrides } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  pnpm(folder, 'install', '--ignore-workspace', '--silent');
}
