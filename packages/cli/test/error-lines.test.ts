import { readFile } from 'node:fs/promises';
import { ZhidaError } from '@zhida/core';
import { expect, test } from 'vitest';
import { errorLines } from '../src/error-lines.js';

test('INV-11 an error of a library is told by its name, its code and where it happened, never by a message that may quote a record', async () => {
  const quoting = Object.assign(new TypeError('invalid input: "张晓婷"'), { code: '22P02' });
  expect(errorLines(quoting)).toMatch(/^a bug: TypeError 22P02\n\s+at /);
  expect(errorLines(quoting)).not.toContain('张晓婷');
  expect(errorLines('张晓婷')).toBe('a bug: string');
  const missing: unknown = await readFile('nowhere.json').catch((error: unknown) => error);
  expect(errorLines(missing)).toBe("ENOENT: no such file or directory, open 'nowhere.json'");
  expect(errorLines(new ZhidaError('ZD_ERR_TRUST_FILE', 'this is none', { at: 'a.json' }))).toBe(
    'ZD_ERR_TRUST_FILE at a.json: this is none',
  );
});
