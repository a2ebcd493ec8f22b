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

/** The words of the first column, `Checkpoint` as well as delivery and inclusion proof, as a type of that name is called. */
function typesOfTerms(): string[] {
  return glossary.flatMap(([terms = '']) =>
    terms
      .replaceAll(/\([^)]*\)|:.*/g, '')
      .split(',')
      // Of `Level` red it is Level that is a type.
      .map((term) => (quotedIn(term)[0] ?? term).trim().split(/[ -]/))
      .map((words) => words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')),
  );
}

test('a type that the glossary names, in whatever letters, is declared once, and so has one sense', () => {
  const terms = typesOfTerms();
  expect(terms).toEqual(expect.arrayContaining(['EncounterSnapshot', 'Level', 'Delivery', 'Segment', 'InclusionProof', 'Prompt']));
  const declared = sources.flatMap((file) => namesIn(file, TYPE).map((name) => ({ name, file })));
  const twice = terms.map((term) => declared.filter(({ name }) => name === term)).filter((found) => found.length > 1);
  expect(twice).toEqual([]);
});

/** One sense, told by each side of a border that no import crosses: what the gateway answers and the widget reads, a profile and who works by it. */
const TOLD_TWICE = ['Adviser', 'LegalSentence', 'ProfileRecipient', 'Question', 'ReportStatus', 'SqlExecutor', 'StatusLine'];

test('a type that two packages offer is declared once, and so has one sense', () => {
  const offered = Object.entries(JSON.parse(readFileSync(join(ROOT, 'test/packaging/surface.json'), 'utf8')) as Record<string, string[]>);
  const packagesOf = new Map<string, Set<string>>();
  for (const [entry, names] of offered)
    for (const name of names.filter((one) => one.startsWith('type ')).map((one) => one.slice('type '.length)))
      packagesOf.set(name, (packagesOf.get(name) ?? new Set()).add(entry.split('/').slice(0, 2).join('/')));
  const shared = [...packagesOf].filter(([, packages]) => packages.size > 1).map(([name]) => name);
  const declared = sources.flatMap((file) => namesIn(file, TYPE).map((name) => ({ name, file })));
  expect(packagesOf.size).toBeGreaterThan(300);
  const twice = shared.filter((term) => declared.filter(({ name }) => name === term).length > 1);
  expect(twice.toSorted()).toEqual(TOLD_TWICE);
});

test('every other sense is still met where it is said to be', () => {
  const idle = elsewhere.flatMap(({ word, places }) =>
    places
      .filter((place) => ![...textOf].some(([file, text]) => isIn(file, place) && text.toLowerCase().includes(word)))
      .map((place) => `${word} in ${place}`),
  );
  expect(idle).toEqual([]);
});
