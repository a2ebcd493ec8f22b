import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** The invariants that have a test so far; the others get theirs with the parts they speak of. */
const TESTED = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17];

function testFiles(): string[] {
  return ['packages', 'examples', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
      .filter(
        (entry) => entry.isFile() && /\.(test|prop\.test|int\.test)\.ts$/.test(entry.name) && !entry.parentPath.includes('node_modules'),
      )
      .map((entry) => join(entry.parentPath, entry.name)),
  );
}

test.each(TESTED)('INV-%i is named by a test that would turn red', (invariant) => {
  const name = new RegExp(`(test|it)(\\.each\\([^)]*\\))?\\(\\s*['\`"]INV-${invariant}\\b`);
  const suite = new RegExp(`describe\\(\\s*['\`"]INV-${invariant}\\b`);
  const naming = testFiles().filter((file) => {
    const text = readFileSync(file, 'utf8');
    return name.test(text) || suite.test(text);
  });
  expect(naming).not.toEqual([]);
});
