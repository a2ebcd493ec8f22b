import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryFiles } from '../../scripts/repository-files.js';
import { blocksOf, ROOT } from '../support/documents.js';

/** What a stranger reads first, in either language; the English one is where a figure stands. */
const READMES = ['README.md', 'README.zh-CN.md'] as const;

/** What a detector did with records: of `of` it should have found or left alone it did `did`. */
interface Figure {
  readonly did: number;
  readonly of: number;
  readonly percent: number | undefined;
}

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const numberOf = (text: string | undefined): number => Number(text?.replaceAll(',', ''));
const percentOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

/** The figures of a document, in its order: `134 of 139 (96 %)`, `139份提示了134份（96%）`, `640份全部提示`. */
function figuresOf(file: string): Figure[] {
  if (file.endsWith('.zh-CN.md')) {
    const told = /([\d,]+)份(?:(?:有|提示了?|安静了)([\d,]+)份|全部)[^\d，、。；（）]*(?:（(\d+)%）)?/g;
    return [...read(file).matchAll(told)].map(([, of, did = of, percent]) => ({
      did: numberOf(did),
      of: numberOf(of),
      percent: percentOf(percent),
    }));
  }
  const told = /\b(\d+) of (?:the )?(\d+)\b[^\d,.;()]*(?:\((\d+) %\))?/g;
  return [...read(file).matchAll(told)].map(([, did, of, percent]) => ({
    did: numberOf(did),
    of: numberOf(of),
    percent: percentOf(percent),
  }));
}

test('both READMEs tell the same figures of detection, and each percentage is that of its figures', () => {
  const figures = figuresOf('README.md');
  expect(figures.length).toBeGreaterThan(5);
  expect(figuresOf('README.zh-CN.md')).toEqual(figures);
  const told = figures.filter(({ percent }) => percent !== undefined);
  expect(told.length).toBeGreaterThan(5);
  expect(told).toEqual(told.map((figure) => ({ ...figure, percent: Math.round((100 * figure.did) / figure.of) })));
});

test.each(['docs/guides/faq.md', 'docs/guides/faq.zh-CN.md'])('%s tells figures of detection that stand in the README', (file) => {
  const told = figuresOf(file);
  expect(told.length).toBeGreaterThan(1);
  const known = figuresOf('README.md').map(({ did, of }) => `${did} of ${of}`);
  for (const { did, of } of told) expect(known).toContain(`${did} of ${of}`);
});

test('the roadmap tells no percentage of detection that the README does not', () => {
  const known = figuresOf('README.md').map(({ percent }) => percent);
  const [measured = ''] = /^- detection: on records .*\n.*/m.exec(read('docs/ROADMAP.md')) ?? [];
  // `where 98.5 % is meant` is a target.
  const told = [...measured.replaceAll(/where [\d.]+ % is meant/g, '').matchAll(/(\d+)(?: %)?(?: (?:to|and) (\d+))? %/g)].flatMap(
    ([, one, other]) => [one, other].filter((text) => text !== undefined).map(Number),
  );
  expect(told.length).toBeGreaterThan(3);
  for (const percent of told) expect(known).toContain(percent);
});

const published = repositoryFiles('packages/*/package.json')
  .map((file) => JSON.parse(read(file)) as { name: string; private?: boolean })
  .flatMap(({ name, private: isPrivate }) => (isPrivate === true ? [] : [name]));

test.each(READMES)('%s shows how each published package is imported', (readme) => {
  expect(published.length).toBeGreaterThan(10);
  // The blocks are run by `test/docs`; what only a page can load stands in the text.
  const inline = [...read(readme).matchAll(/`(import [^`\n]+)`/g)].map(([, statement]) => statement);
  const shown = [...blocksOf(readme, 'ts'), ...inline].join('\n');
  for (const name of published) expect(shown).toMatch(new RegExp(`(?:from|import) '${name}(?:/[\\w-]+)?'`));
});
