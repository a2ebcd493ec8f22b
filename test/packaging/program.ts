import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../support/documents.js';

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

/** Files of a stranger's project, compiled as strictly as can be against the declarations that were packed. */
export function programOf(files: readonly string[]): ts.Program {
  return ts.createProgram(files, OPTIONS);
}
