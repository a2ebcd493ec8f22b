import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { pnpm, run } from './published.js';

/** What may be shipped with a product under Apache-2.0 without asking anybody. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'PostgreSQL',
  'Unlicense',
]);

/** Something that is installed with our packages. */
export interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

interface LockFile {
  readonly packages: Readonly<
    Record<string, { readonly os?: readonly string[]; readonly cpu?: readonly string[]; readonly libc?: readonly string[] }>
  >;
}

/** Everything a consumer's project installs, here or on another platform, with its licence. */
export function dependenciesOf(project: string): Dependency[] {
  const listed = JSON.parse(pnpm(project, 'licenses', 'list', '--prod', '--json', '--ignore-workspace')) as Record<
    string,
    readonly { name: string; versions: readonly string[] }[]
  >;
  const here = Object.entries(listed).flatMap(([licence, all]) =>
    all.flatMap(({ name, versions }) => versions.map((version) => ({ name, version, licence }))),
  );
  return [...here, ...installedElsewhere(project, here)].toSorted((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

/** What the lock file has for other platforms alone: nothing of it is on this disk, so the registry is asked for the licence of each. */
function installedElsewhere(project: string, here: readonly Dependency[]): Dependency[] {
  const { packages } = parse(readFileSync(join(project, 'pnpm-lock.yaml'), 'utf8')) as LockFile;
  const known = new Set(here.map(({ name, version }) => `${name}@${version}`));
  return Object.entries(packages)
    .filter(([id, { os, cpu, libc }]) => !known.has(id) && (os ?? cpu ?? libc) !== undefined)
    .map(([id]) => {
      const at = id.lastIndexOf('@');
      const licence = run(project, 'npm', ['view', id, 'license']).trim();
      return { name: id.slice(0, at), version: id.slice(at + 1), licence: licence === '' ? 'Unknown' : licence };
    });
}

export function licenceProblems(dependencies: readonly Dependency[]): string[] {
  return dependencies
    .filter(
      ({ licence }) =>
        !licence
          .replace(/[()]/g, '')
          .split(' OR ')
          .some((one) => ALLOWED.has(one)),
    )
    .map(({ name, version, licence }) => `${name}@${version}: ${licence} is not among the licences that may be shipped`);
}
