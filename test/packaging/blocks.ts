import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { blocksOf } from '../support/documents.js';
import { programOf } from './program.js';

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
  return ts.getPreEmitDiagnostics(programOf(files)).map(({ file, messageText }) => {
    const name = file?.fileName.split('/').at(-1) ?? 'blocks';
    return `${name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
