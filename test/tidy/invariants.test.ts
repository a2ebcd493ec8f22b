import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { INVARIANTS } from '../../scripts/documents.js';
import { repositoryFiles } from '../../scripts/repository-files.js';
import { ROOT } from '../support/documents.js';

const texts = repositoryFiles('*.test.ts').map((file) => [file, readFileSync(join(ROOT, file), 'utf8')] as const);

test.each(INVARIANTS.map((_promise, index) => index + 1))('INV-%i is named by a test that would turn red', (invariant) => {
  const name = new RegExp(`(test|it)(\\.each\\([^)]*\\))?\\(\\s*['\`"]INV-${invariant}\\b`);
  const suite = new RegExp(`describe\\(\\s*['\`"]INV-${invariant}\\b`);
  const naming = texts.filter(([, text]) => name.test(text) || suite.test(text));
  expect(naming.map(([file]) => file)).not.toEqual([]);
});
