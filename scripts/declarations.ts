import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { packageFiles } from './repository.js';

/** Where `tsc -b` writes the declarations of every module of a package, below its `dist`; no package ships this folder. */
const MADE = '.types';

/**
 * Lays the declarations that the entries of each published package reach beside its JavaScript, and takes away all others: what no entry
 * reaches is private, and so is what a build before this one left.
 */
for (const { file, directory, manifest } of packageFiles()) {
  const entries = entriesOf(manifest['publishConfig']);
  if (entries.length > 0) layDeclarations(join(dirname(file), 'dist'), entries, directory);
}

/** `./dist/index.d.ts` and its like, without the folder. */
function entriesOf(publishConfig: unknown): string[] {
  const { exports = {} } = (publishConfig ?? {}) as { exports?: Readonly<Record<string, { readonly types: string }>> };
  return Object.values(exports).map(({ types }) => relative('dist', types));
}

function layDeclarations(dist: string, entries: readonly string[], directory: string): void {
  const reached = new Set(entries);
  for (const declaration of reached) {
    const made = join(dist, MADE, declaration);
    if (!existsSync(made)) throw new Error(`${directory}: no declaration ${declaration} was made`);
    for (const { fileName } of ts.preProcessFile(readFileSync(made, 'utf8')).importedFiles) {
      if (fileName.startsWith('.')) reached.add(join(dirname(declaration), fileName.replace(/\.js$/, '.d.ts')));
    }
  }
  const left = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.d.ts') && !file.startsWith(MADE));
  for (const declaration of left) if (!reached.has(declaration)) rmSync(join(dist, declaration));
  for (const declaration of reached) {
    mkdirSync(dirname(join(dist, declaration)), { recursive: true });
    copyFileSync(join(dist, MADE, declaration), join(dist, declaration));
  }
}
