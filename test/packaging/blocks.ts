import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { blocksOf, ROOT } from '../support/documents.js';

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
  types: ['node'],
  typeRoots: [join(ROOT, 'node_modules/@types')],
};

/** Every TypeScript block of these documents, compiled in a stranger's project against the declarations that were packed. */
export function blockProblems(documents: readonly string[], project: string): string[] {
  const folder = join(project, 'blocks');
  mkdirSync(folder);
  const files = documents.flatMap((document) =>
    blocksOf(document, 'ts').map((block, index) => {
      const file = join(folder, `${document.replaceAll(/[^A-Za-z]/g, '-')}-${index}.ts`);
      writeFileSync(file, block);
      return file;
    }),
  );
  return ts.getPreEmitDiagnostics(ts.createProgram(files, OPTIONS)).map(({ file, messageText }) => {
    const name = file?.fileName.split('/').at(-1) ?? 'blocks';
    return `${name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
