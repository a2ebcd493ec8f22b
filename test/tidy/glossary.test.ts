import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryFiles } from '../../scripts/repository-files.js';
import { documents, ROOT } from '../support/documents.js';

const STYLE = 'docs/STYLE.md';

/** The rows of the table of docs/STYLE.md whose first column has this heading. */
function tableOf(heading: string): string[][] {
  const style = readFileSync(join(ROOT, STYLE), 'utf8');
  const [, body = ''] = new RegExp(`^\\| ${heading} \\|.*\\n\\|[-|]+\\|\\n((?:\\|.*\\n)+)`, 'm').exec(style) ?? [];
  const rows = body.split('\n').filter(Boolean);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function quotedIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}

const glossary = tableOf('we say');
const forbidden = glossary.flatMap(([, , never = '']) => never.split(', ').filter(Boolean));
/** Where a forbidden word has its other sense: files, or folders with a slash behind them. */
const elsewhere = tableOf('word').map(([word = '', , where = '']) => ({ word, places: quotedIn(where) }));

const sources = repositoryFiles('packages/*/src/**.ts', 'examples/*/src/**.ts');
const textOf = new Map([...sources, ...documents].map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));

/** Names of constants, functions, types and members as they are declared. */
const DECLARED = /\b(?:const|let|function|class|interface|type) (\w+)|^ +(?:readonly )?(\w+)\??[:(]/gm;
const TYPE = /^export (?:interface|type|class) (\w+)/gm;

function namesIn(file: string, pattern: RegExp): string[] {
  return [...(textOf.get(file) ?? '').matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '');
}

/** `retryFirstMs` → retry, first, ms */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[ _]/);
}

function isIn(file: string, place: string): boolean {
  return place.endsWith('/') ? file.startsWith(place) : file === place;
}

function isForbidden(word: string, file: string): boolean {
  return file !== STYLE && !elsewhere.some((row) => row.word === word && row.places.some((place) => isIn(file, place)));
}

test('the glossary forbids words, and says of each where it stands for something else', () => {
  expect(forbidden.length).toBeGreaterThan(8);
  expect(elsewhere.filter(({ word, places }) => !forbidden.includes(word) || places.length === 0)).toEqual([]);
});

test('no declared name has a word that the glossary forbids for its sense', () => {
  const declared = sources.flatMap((file) => [...new Set(namesIn(file, DECLARED))].map((name) => ({ file, name, words: wordsOf(name) })));
  expect(declared.length).toBeGreaterThan(5_000);
  const said = forbidden.flatMap((word) =>
    declared.filter(({ file, words }) => (words.includes(word) || words.includes(`${word}s`)) && isForbidden(word, file)),
  );
  expect(said.map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
});

test('no document has a word that the glossary forbids for its sense', () => {
  const said = forbidden.flatMap((word) =>
    documents
      .filter((file) => isForbidden(word, file) && new RegExp(`\\b${word}s?\\b`, 'i').test(textOf.get(file) ?? ''))
      .map((file) => `${file}: ${word}`),
  );
  expect(said).toEqual([]);
});

test('a type that the glossary names is declared once, and so has one sense', () => {
  const terms = glossary.flatMap(([term = '']) => quotedIn(term).filter((name) => /^[A-Z]/.test(name)));
  expect(terms.length).toBeGreaterThan(10);
  const declared = sources.flatMap((file) => namesIn(file, TYPE).map((name) => ({ name, file })));
  const twice = terms.map((term) => declared.filter(({ name }) => name === term)).filter((found) => found.length > 1);
  expect(twice).toEqual([]);
});

test('every other sense is still met where it is said to be', () => {
  const idle = elsewhere.flatMap(({ word, places }) =>
    places
      .filter((place) => ![...textOf].some(([file, text]) => isIn(file, place) && text.toLowerCase().includes(word)))
      .map((place) => `${word} in ${place}`),
  );
  expect(idle).toEqual([]);
});
