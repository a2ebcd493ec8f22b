import { statSync } from 'node:fs';
import { run } from './published.js';

/** Where a published file may be. Everything else, sources and tests among it, stays here. */
const ALLOWED =
  /^package\/(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|[a-z]+\.schema\.json|dist\/(?:[^.][^/]*\/)*[^./][^/]*\.(?:m?js|d\.ts|map|json|css))$/;
/** A command, and the widget as pages load it. */
const WITHOUT_TYPES = /^package\/dist\/(?:zhida|widget)\.js$/;
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
