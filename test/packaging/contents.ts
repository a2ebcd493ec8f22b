import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Declared } from './declared.js';
import { type PublishedPackage, run } from './published.js';

/** Where a published file may be. Everything else, sources and tests among it, stays here. */
const ALLOWED =
  /^package\/(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|[a-z]+\.schema\.json|dist\/(?:[^.][^/]*\/)*[^./][^/]*\.(?:m?js|d\.ts|map|json|css))$/;
/** Commands, and the widget with its later parts as pages load it. */
const WITHOUT_TYPES = /^package\/dist\/(?:zhida|verify-bin|widget(?:-[a-z]+)?)\.js$/;
const LARGEST_BYTES = 4 * 1024 * 1024;

/** What lies in a tarball that a stranger should not get, or is missing there. */
export function contentProblems(name: string, tarball: string): string[] {
  const files = run('.', 'tar', ['--list', '--gzip', '--file', tarball]).split('\n').filter(Boolean);
  const strange = files.filter((file) => !ALLOWED.test(file)).map((file) => `${name}: ${file} should not be in the package`);
  const undeclared = files
    .filter((file) => /^package\/dist\/[^/]+\.js$/.test(file) && !/chunk-|-[A-Z0-9]{8}\.js$/.test(file))
    .filter((file) => !files.includes(file.replace(/\.js$/, '.d.ts')) && !WITHOUT_TYPES.test(file))
    .map((file) => `${name}: ${file} has no declaration`);
  const large = statSync(tarball).size > LARGEST_BYTES ? [`${name}: the package is larger than ${LARGEST_BYTES} bytes`] : [];
  return [...strange, ...undeclared, ...large];
}

/** Declarations in the installed packages that are private: no entry leads to them, or they speak of a package that nobody can install. */
export function privateTypeProblems(packages: readonly PublishedPackage[], project: string, { reached }: Declared): string[] {
  return packages.flatMap(({ name }) => {
    const folder = realpathSync(join(project, 'node_modules', name));
    const declarations = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.d.ts') && !file.includes('node_modules/'))
      .map((file) => join(folder, file));
    if (declarations.length === 0) return [`${name}: no declaration was found`];
    const of = (file: string): string => `${name}: ${relative(folder, file)}`;
    return [
      ...declarations.filter((file) => !reached.has(file)).map((file) => `${of(file)} is private: no entry reaches it`),
      ...declarations
        .filter((file) => readFileSync(file, 'utf8').includes('@zhida/testkit'))
        .map((file) => `${of(file)} names @zhida/testkit`),
    ];
  });
}
