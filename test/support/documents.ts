import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryFiles } from '../../scripts/repository-files.js';

export const ROOT = join(import.meta.dirname, '../..');

/** Every document a reader may open; notes beside invented records are read by those who work on them. */
export const documents: readonly string[] = repositoryFiles('*.md').filter((file) => !/^\.changeset\/|\/cases\//.test(file));

/** The code blocks of a document in one language, a named file's too. */
export function blocksOf(document: string, language: string): string[] {
  return [
    ...readFileSync(join(ROOT, document), 'utf8').matchAll(new RegExp(`^\`\`\`${language}(?: \\S+)?\\n([\\s\\S]*?)^\`\`\``, 'gm')),
  ].map((match) => match[1] ?? '');
}
