import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryFiles } from '../../scripts/repository-files.js';
import { ROOT } from '../support/documents.js';
import { partsOfErrors, type WrittenPart } from '../support/error-texts.js';
import { functionsIn } from '../support/functions.js';

interface Lint {
  readonly rules: Readonly<Record<string, unknown>>;
  readonly overrides: readonly { readonly files: readonly string[]; readonly rules: Readonly<Record<string, unknown>> }[];
}

const lint = JSON.parse(readFileSync(join(ROOT, '.oxlintrc.json'), 'utf8')) as Lint;

const listed = repositoryFiles('*.ts', '*.mjs', '*/src/*.js');
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

/** Lint does not look into scripts that are strings; a page's script counts what has passed with `performance.now()`. */
test('no source reads the time but from a clock that is given', () => {
  expect(sourcesWith(/\bnew Date\(\)|[^.\w]Date\(\)|\bDate\s*\.\s*now\b/)).toEqual(['packages/core/src/clock.ts']);
});

/** What an error may take from elsewhere, and why nothing that was read is in it. */
const SAID_ELSEWHERE: readonly (WrittenPart & { readonly why: string })[] = [
  {
    file: 'examples/county-demo/src/introduce.ts',
    text: 'stderr.trim()',
    why: 'the lines of our own command, which are held to this rule',
  },
  { file: 'examples/county-demo/src/trail.ts', text: 'stderr.trim()', why: 'the lines of our own command, which are held to this rule' },
  { file: 'packages/cli/src/commands/try-agency.ts', text: '/"code":"(ZD_ERR_[A-Z_]+)"/.exec(text)?.[1]', why: 'a code of our own' },
  { file: 'packages/cli/src/mapping-file.ts', text: "problems.map(problemLine).join('\\n')", why: 'places and sentences of readMapping' },
  { file: 'packages/cli/src/pack/file.ts', text: 'wrong.message', why: 'a sentence of lintOverlay, about an overlay' },
  { file: 'packages/cli/src/serve/configuration.ts', text: "problems.join('\\n')", why: 'places and sentences of parseConfiguration' },
  { file: 'packages/cli/src/serve/start-gateway.ts', text: 'message', why: 'of a ZhidaError, which is held to this rule' },
  {
    file: 'packages/gateway/src/feeds/mappings.ts',
    text: '`${at}:${first.line ?? 1} ${first.at}`.trim()',
    why: 'a line and a path of readMapping',
  },
  {
    file: 'packages/gateway/src/routes/encounters.ts',
    text: "issues.find(({ severity }) => severity === 'error')?.at",
    why: 'the place of an issue, which holds no value either',
  },
  { file: 'packages/relay/src/attachments/hand-over.ts', text: 'sealFor(row.view)', why: 'one of ATTACHMENT_SEALS' },
  { file: 'packages/database/src/unavailable.ts', text: 'reasonOf(error)', why: 'one of a table of sentences' },
];

/** A message is written by us, and so is a place; what was read goes into neither. */
test('no error’s message or place is made of what was read', () => {
  const parts = partsOfErrors(new Map(sources.map((file) => [file, textOf.get(file) ?? ''])));
  expect(parts.length).toBeGreaterThan(150);
  const read =
    /\b(?:value|text|body|raw|payload|patient|report|note|content|input|row|cell|line|cause|error|message|problems?|stdout|stderr)\b(?!\w*Max)/;
  // An id, an index and a code of our own are no one's; nor is a type.
  const suspect = parts.filter(({ text }) => read.test(text) && !/^typeof |^\w+\.(?:entryId|id|index|code|status)$/.test(text));
  const known = ({ file, text }: WrittenPart): boolean => SAID_ELSEWHERE.some((one) => one.file === file && one.text === text);
  expect(suspect.filter((part) => !known(part))).toEqual([]);
  expect(SAID_ELSEWHERE.filter((one) => !suspect.some(({ file, text }) => one.file === file && one.text === text))).toEqual([]);
});

test('what was read is found in a message and a place however it comes there', () => {
  const source = `
    import { ZhidaError } from '@zhida/core';
    const first = problems[0].text;
    function wrong(message: string, at: string): ZhidaError { return new ZhidaError('ZD_ERR_MLLP', message, { at }); }
    if (a) throw wrong(\`the line \${cell} is wrong\`, 'MSH');
    if (b) throw wrong('is wrong', body.name);
    if (c) throw new ZhidaError('ZD_ERR_MLLP', d ? 'is wrong' : first, { ...(e ? { at: raw } : {}), cause });
  `;
  expect(
    partsOfErrors(new Map([['packages/made-up.ts', source]]))
      .map(({ text }) => text)
      .toSorted(),
  ).toEqual(['body.name', 'cell', 'problems[0].text', 'raw']);
});

/** Shorter ones are quicker read where they stand than looked up. */
const TWICE_MAX = 100;

/** Written twice all the same: the two packages that hold a directory by numbered files share no room for what needs a disk. */
const WRITTEN_TWICE = [['packages/database/src/embedded/start-lock.ts: numbers', 'packages/receiver/src/file/lock.ts: numbers']];

test('no function is written twice', () => {
  const places = new Map<string, string[]>();
  for (const file of sources.filter((one) => one.endsWith('.ts')))
    for (const { name, does } of functionsIn(textOf.get(file) ?? ''))
      if (does.length > TWICE_MAX) places.set(does, [...(places.get(does) ?? []), `${file}: ${name}`]);
  expect(places.size).toBeGreaterThan(2_000);
  expect([...places.values()].filter((found) => found.length > 1)).toEqual(WRITTEN_TWICE);
});

test('every file is named in lower case, its words parted by hyphens', () => {
  // The site's generator wants brackets in some of its own.
  const own = listed.filter((file) => !file.startsWith('docs/'));
  expect(own.filter((file) => !/^(?:\.?[a-z0-9]+(?:-[a-z0-9]+)*[./]?)+$/.test(file.replaceAll('_', '-')))).toEqual([]);
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
