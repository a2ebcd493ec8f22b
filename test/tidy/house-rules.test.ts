import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryFiles } from '../../scripts/repository-files.js';
import { ROOT } from '../support/documents.js';

interface Lint {
  readonly rules: Readonly<Record<string, unknown>>;
  readonly overrides: readonly { readonly files: readonly string[]; readonly rules: Readonly<Record<string, unknown>> }[];
}

const lint = JSON.parse(readFileSync(join(ROOT, '.oxlintrc.json'), 'utf8')) as Lint;

const listed = repositoryFiles('*.ts', '*.mjs');
const textOf = new Map(listed.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));
const sources = listed.filter((file) => /^(?:packages|examples)\/[^/]+\/src\//.test(file));

function sourcesWith(pattern: RegExp): string[] {
  return sources.filter((file) => pattern.test(textOf.get(file) ?? ''));
}

test('lint holds the length of files and functions, their branches, cycles, console and the clock', () => {
  expect(lint.rules).toMatchObject({
    'no-console': 'error',
    'import/no-cycle': 'error',
    'max-lines': ['error', { max: 400 }],
    'max-lines-per-function': ['error', { max: 60 }],
    complexity: ['error', { max: 15 }],
    'no-restricted-properties': ['error', { object: 'Date', property: 'now' }],
  });
});

test('what lint lets go of these is the clock itself and tests', () => {
  const off = lint.overrides.flatMap(({ files, rules }) =>
    Object.entries(rules).flatMap(([rule, level]) => (level === 'off' ? files.map((file) => `${rule}: ${file}`) : [])),
  );
  expect(off.filter((line) => /^(?:no-console|max-|complexity|import.no-cycle|no-restricted-properties)/.test(line)).toSorted()).toEqual([
    'max-lines-per-function: **/test/**',
    'max-lines-per-function: test/**',
    'no-console: **/test/**',
    'no-console: test/**',
    'no-restricted-properties: **/test/**',
    'no-restricted-properties: packages/core/src/clock.ts',
    'no-restricted-properties: test/**',
  ]);
});

test('no file switches a rule off without saying why, and none of these', () => {
  const switched = [...textOf].flatMap(([file, text]) =>
    [...text.matchAll(/(?:oxlint|eslint)-disable\S* (.*)|@ts-(?:ignore|expect-error|nocheck)(.*)/g)].map((match) => ({
      file,
      rules: match[1] ?? match[2] ?? '',
    })),
  );
  const held = /no-console|max-lines|complexity|no-cycle|no-restricted/;
  // This file has them as words.
  expect(
    switched.filter(({ file, rules }) => !file.endsWith('house-rules.test.ts') && (held.test(rules) || !/ -- \w/.test(rules))),
  ).toEqual([]);
});

test('no source reads the time but from a clock that is given', () => {
  expect(sourcesWith(/\bnew Date\(\)|[^.\w]Date\(\)/)).toEqual([]);
});

/** A message is written by us; what was read goes into no sentence. */
test('no error’s message is made of what was read', () => {
  const made = sources.flatMap((file) =>
    [...(textOf.get(file) ?? '').matchAll(/new ZhidaError\(\s*'\w+',\s*`((?:[^`\\]|\\.)*)`/g)].flatMap(([, message = '']) =>
      [...message.matchAll(/\$\{([^}]*)\}/g)].map((match) => ({ file, written: match[1] ?? '' })),
    ),
  );
  expect(made.length).toBeGreaterThan(10);
  const read = /\b(?:value|text|body|raw|payload|patient|report|note|content|input|row|cell|cause|error|message)\b(?!\w*Max)/;
  // An entry's id and a code of our own are no one's.
  expect(made.filter(({ written }) => read.test(written) && !/\.(?:entryId|code|status)\b/.test(written))).toEqual([]);
});

test('decisions are numbered without a gap or a double, and have the parts of one', () => {
  const folder = join(ROOT, 'docs/adr');
  const decisions = readdirSync(folder).toSorted();
  expect(decisions.map((file) => Number(file.slice(0, 4)))).toEqual(decisions.map((_, index) => index + 1));
  for (const file of decisions) {
    const text = readFileSync(join(folder, file), 'utf8');
    expect(text, file).toMatch(new RegExp(`^# ${Number(file.slice(0, 4))}\\. \\S.*\\n\\nStatus: \\S`));
    expect(
      [...text.matchAll(/^## (.*)$/gm)].map((heading) => heading[1]),
      file,
    ).toEqual(['Context', 'Decision', 'Consequences']);
  }
});
