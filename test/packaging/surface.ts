import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PublishedPackage } from './published.js';
import { run } from './published.js';

/** Exported names by entry, checked in: a changed surface is a diff that a reviewer reads. */
const SURFACE_FILE = join(import.meta.dirname, 'surface.json');

/** A suite for the caller's own test runner, and an element for a page: outside of those they can be found but not loaded. */
const NOT_FOR_NODE = new Set(['@zhida/receiver/testing', '@zhida/widget/define']);

/** Everything in one process: what `import` and `require` give of each entry. */
const LOOK = `
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const looked = {};
for (const { entry, loads } of JSON.parse(process.argv[1])) {
  if (!loads) { looked[entry] = { imported: [import.meta.resolve(entry).length > 0 ? 'found' : ''], required: null }; continue; }
  looked[entry] = { imported: Object.keys(await import(entry)).sort(), required: Object.keys(require(entry)).filter((name) => name !== 'module.exports').sort() };
}
console.log(JSON.stringify(looked));
`;

interface Looked {
  readonly imported: readonly string[];
  readonly required: readonly string[] | null;
}

/**
 * Imports and requires every entry in a consumer's project and compares the names with those checked in.
 *
 * @returns what is wrong, in words
 */
export function surfaceProblems(packages: readonly PublishedPackage[], project: string, update: boolean): string[] {
  const entries = packages.flatMap(({ entries: all }) => all).map((entry) => ({ entry, loads: !NOT_FOR_NODE.has(entry) }));
  const looked = JSON.parse(
    run(project, process.execPath, ['--no-warnings', '--input-type=module', '--eval', LOOK, JSON.stringify(entries)]),
  ) as Record<string, Looked>;
  const surface = Object.fromEntries(Object.entries(looked).map(([entry, { imported }]) => [entry, imported]));
  if (update) writeFileSync(SURFACE_FILE, `${JSON.stringify(surface, null, 2)}\n`);
  const known = JSON.parse(readFileSync(SURFACE_FILE, 'utf8')) as Record<string, readonly string[]>;
  return [...new Set([...Object.keys(known), ...Object.keys(surface)])].flatMap((entry) => {
    const { imported = [], required = null } = looked[entry] ?? {};
    const before = known[entry] ?? [];
    return [
      ...imported.filter((name) => !before.includes(name)).map((name) => `${entry}: ${name} is new; pnpm packaging --update takes it in`),
      ...before.filter((name) => !imported.includes(name)).map((name) => `${entry}: ${name} is gone; pnpm packaging --update takes it out`),
      ...(imported.length === 0 ? [`${entry} exports nothing`] : []),
      ...(required !== null && required.join() !== imported.join() ? [`${entry}: require gives other names than import`] : []),
    ];
  });
}
