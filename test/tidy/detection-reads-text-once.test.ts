import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SOURCE = join(import.meta.dirname, '../../packages/detect/src');

/** Codes are short strings of a code system, not a note. */
const OF_CODES = new Set(['codes.ts']);

const files = ['rules', 'facts'].flatMap((folder) =>
  readdirSync(join(SOURCE, folder))
    .filter((file) => !OF_CODES.has(file))
    .map((file) => join(folder, file)),
);

test.each(files)('%s calls no RegExp: notes are read by scan, mention and assertion', (file) => {
  const text = readFileSync(join(SOURCE, file), 'utf8');
  expect(text.match(/\.(matchAll|match|exec|search)\(|\/[a-z]*\.test\(|new RegExp/g) ?? []).toEqual([]);
});

test('each text is scanned once: the notes where they are gathered, earlier visits and names of results where they are read', () => {
  const calls = files.flatMap((file) => {
    const count = readFileSync(join(SOURCE, file), 'utf8').match(/\bscanner\.scan\(/g)?.length ?? 0;
    return count === 0 ? [] : [[file, count]];
  });
  expect(calls).toEqual([
    ['facts/collect.ts', 1],
    ['facts/reader.ts', 1],
    ['facts/results.ts', 1],
  ]);
});
