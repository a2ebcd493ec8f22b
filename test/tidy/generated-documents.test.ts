import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ERROR_CODES } from '../../packages/core/src/error-codes.js';
import { ARCHITECTURE_FILE, architecture, ERRORS_FILE, errorReference } from '../../scripts/documents.js';
import { repositoryFiles } from '../../scripts/repository-files.js';
import { ROOT } from '../support/documents.js';

test('every invariant with its tests stands in docs/ARCHITECTURE.md as pnpm gen writes it', () => {
  expect(readFileSync(ARCHITECTURE_FILE, 'utf8')).toBe(architecture());
});

test('every error code stands in docs/reference/errors.md as pnpm gen writes it', () => {
  expect(readFileSync(ERRORS_FILE, 'utf8')).toBe(errorReference());
});

test('every error code is thrown somewhere, and no other code is there', () => {
  // Where the codes are declared and explained none is used.
  const sources = repositoryFiles('packages/*/src/**.ts', 'examples/*/src/**.ts').filter(
    (file) => !/core\/src\/(?:errors|error-codes)\.ts$/.test(file),
  );
  const used = new Set(sources.flatMap((file) => readFileSync(join(ROOT, file), 'utf8').match(/ZD_ERR_[A-Z0-9_]+/g) ?? []));
  // Stands for whatever nobody foresaw; no code throws it.
  used.delete('ZD_ERR_BUG');
  expect([...used].filter((code) => !Object.hasOwn(ERROR_CODES, code))).toEqual([]);
  // A code in a comment or a comparison is not one that is thrown.
  const made = new Set(
    sources.flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/(?:new ZhidaError|\bsuper|\bfail)\(\s*'(ZD_ERR_\w+)'/g)].map(([, code]) => code),
    ),
  );
  expect(Object.keys(ERROR_CODES).filter((code) => !made.has(code))).toEqual([]);
});

test('every error code is provoked by a test', () => {
  const texts = repositoryFiles('packages/*/test/**.ts', 'examples/*/test/**.ts', 'test/**.ts')
    .filter((file) => !file.startsWith('test/tidy/'))
    .map((file) => readFileSync(join(ROOT, file), 'utf8'));
  expect(Object.keys(ERROR_CODES).filter((code) => !texts.some((text) => text.includes(`'${code}'`)))).toEqual([]);
});
