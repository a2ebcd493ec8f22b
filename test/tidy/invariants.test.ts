import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { INVARIANTS } from '../../scripts/documents.js';

const ROOT = join(import.meta.dirname, '../..');

function testFiles(): string[] {
  return ['packages', 'examples', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
      .filter(
        (entry) => entry.isFile() && /\.(test|prop\.test|int\.test)\.ts$/.test(entry.name) && !entry.parentPath.includes('node_modules'),
      )
      .map((entry) => join(entry.parentPath, entry.name)),
  );
}

test.each(INVARIANTS.map((_promise, index) => index + 1))('INV-%i is named by a test that would turn red', (invariant) => {
  const name = new RegExp(`(test|it)(\\.each\\([^)]*\\))?\\(\\s*['\`"]INV-${invariant}\\b`);
  const suite = new RegExp(`describe\\(\\s*['\`"]INV-${invariant}\\b`);
  const naming = testFiles().filter((file) => {
    const text = readFileSync(file, 'utf8');
    return name.test(text) || suite.test(text);
  });
  expect(naming).not.toEqual([]);
});
