import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Declared } from './declared.js';
import { run } from './published.js';

/** Exported names by entry, types too, checked in: a changed surface is a diff that a reviewer reads. */
const SURFACE_FILE = join(import.meta.dirname, 'surface.json');

/** A suite for the caller's own test runner, and an element for a page: `suite.ts` and `browser.ts` load them there. */
export const SUITE_ENTRY = '@zhida/receiver/testing';
export const PAGE_ENTRY = '@zhida/widget/define';

/** Everything in one process: what `import` and `require` give of each entry. */
const LOOK = `
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const looked = {};
for (const entry of JSON.parse(process.argv[1])) {
  looked[entry] = { imported: Object.keys(await import(entry)).sort(), required: Object.keys(require(entry)).filter((name) => name !== 'module.exports').sort() };
}
console.log(JSON.stringify(looked));
`;

interface Looked {
  readonly imported: readonly string[];
  readonly required: readonly string[];
}

/** Imports and requires every entry in a consumer's project. @returns where that gives other names than the declarations say */
export function loadProblems({ exports }: Declared, project: string): string[] {
  const entries = [...exports.keys()].filter((entry) => entry !== SUITE_ENTRY && entry !== PAGE_ENTRY);
  const looked = JSON.parse(
    run(project, process.execPath, ['--no-warnings', '--input-type=module', '--eval', LOOK, JSON.stringify(entries)]),
  ) as Record<string, Looked>;
  return entries.flatMap((entry) => {
    const { imported = [], required = [] } = looked[entry] ?? {};
    const declared = exports.get(entry)?.values.join();
    return [
      ...(imported.length === 0 ? [`${entry} exports nothing`] : []),
      ...(imported.join() === declared ? [] : [`${entry}: import gives other names than the declarations`]),
      ...(required.join() === declared ? [] : [`${entry}: require gives other names than the declarations`]),
    ];
  });
}

/** Compares the names that the entries export, values and types, with those checked in. @returns what is new and what is gone */
export function surfaceProblems({ exports }: Declared, update: boolean): string[] {
  const surface = Object.fromEntries(
    [...exports].map(([entry, { values, types }]) => [entry, [...values, ...types.map((name) => `type ${name}`)]]),
  );
  if (update) writeFileSync(SURFACE_FILE, `${JSON.stringify(surface, null, 2)}\n`);
  const known = JSON.parse(readFileSync(SURFACE_FILE, 'utf8')) as Record<string, readonly string[]>;
  return [...new Set([...Object.keys(known), ...Object.keys(surface)])].flatMap((entry) => {
    const [before = [], now = []] = [known[entry], surface[entry]];
    return [
      ...now.filter((name) => !before.includes(name)).map((name) => `${entry}: ${name} is new; pnpm packaging --update takes it in`),
      ...before.filter((name) => !now.includes(name)).map((name) => `${entry}: ${name} is gone; pnpm packaging --update takes it out`),
    ];
  });
}
