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

test.each(['README.md', 'README.zh-CN.md'])(
  '%s names a place for every invariant it promises by, and a test of that name is there',
  (readme) => {
    const rows = [...readFileSync(join(ROOT, readme), 'utf8').matchAll(/^\|.*\| `INV-(\d+)`(.*)\|$/gm)];
    expect(rows.length).toBeGreaterThan(12);
    for (const [row, invariant = '', said = ''] of rows) {
      const places = said.match(/(?:packages|test)\/[\w-]+/g) ?? [];
      expect(places, row).not.toEqual([]);
      const named = new RegExp(`['\`"]INV-${invariant}\\b`);
      for (const place of places)
        expect(
          repositoryFiles(`${place}/**.test.ts`).some((file) => named.test(readFileSync(join(ROOT, file), 'utf8'))),
          `${place} has no test of INV-${invariant}`,
        ).toBe(true);
    }
  },
);
