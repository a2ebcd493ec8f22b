import type { IssueCode } from '@zhida/core';
import type { FieldMapping } from '../mapping/mapping.js';
import { readBirthDate, readTime } from './time.js';

/** A cell as the value it has to become (`undefined`: none), or what is wrong with it. */
export type CellReading = { readonly value: unknown } | { readonly issue: IssueCode };

/** What databases write into a dump where nothing is. */
const NOTHING = new Set(['', 'NULL', 'null', '\\N']);
const NUMBER = /^[+-]?(?:0|[1-9]\d{0,14})(?:\.\d{1,12})?$/;
/** GB/T 2261.1, and the words; asked after the mapping's own map. */
export const SEX_WORDS: ReadonlyMap<string, string> = new Map([
  ['男', 'male'],
  ['男性', 'male'],
  ['1', 'male'],
  ['M', 'male'],
  ['女', 'female'],
  ['女性', 'female'],
  ['2', 'female'],
  ['F', 'female'],
  ['0', 'unknown'],
  ['9', 'unknown'],
  ['未知', 'unknown'],
]);
const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['是', true],
  ['Y', true],
  ['false', false],
  ['0', false],
  ['否', false],
  ['N', false],
]);

/** The text of a cell; `undefined` where nothing is in it, an issue where it is no text at all. */
export function cellText(cell: unknown): string | undefined | { readonly issue: IssueCode } {
  if (cell === undefined || cell === null) return undefined;
  // Its last digits are lost already: as the number of a visit it would be that of another.
  if (typeof cell === 'number' && Number.isInteger(cell) && !Number.isSafeInteger(cell)) return { issue: 'FIELD_WRONG_TYPE' };
  if (typeof cell === 'number' || typeof cell === 'boolean' || typeof cell === 'bigint') return String(cell);
  if (typeof cell !== 'string') return { issue: 'FIELD_WRONG_TYPE' };
  const text = cell.trim();
  return NOTHING.has(text) ? undefined : text;
}

type Column = Extract<FieldMapping['source'], { column: string }> | undefined;
type KindReader = (meaning: string, column: Column, zone: string) => CellReading;

const READERS: Readonly<Record<Extract<FieldMapping['kind'], string>, KindReader>> = {
  text: (meaning) => ({ value: meaning }),
  texts: (meaning, column) => ({ value: partsOf(meaning, column?.split) }),
  // A number with leading zeros is a code, a longer one would lose its last digits.
  value: (meaning) => ({ value: NUMBER.test(meaning) ? Number(meaning) : meaning }),
  number: (meaning) => (NUMBER.test(meaning) ? { value: Number(meaning) } : { issue: 'FIELD_WRONG_TYPE' }),
  flag: (meaning) => (FLAGS.has(meaning) ? { value: FLAGS.get(meaning) } : { issue: 'FIELD_UNKNOWN_CODE' }),
  // Whatever the map does not call nothing is somebody; who it is, other fields say.
  null: () => ({ value: undefined }),
  time: (meaning, column, zone) => readTime(meaning, column?.time, zone),
  'birth-date': (meaning, column, zone) => readBirthDate(meaning, column?.time, zone),
};

/** Reads the text of a cell as its field wants it. */
export function readCell(text: string, { kind, source, name }: FieldMapping, zone: string): CellReading {
  const column = 'column' in source ? source : undefined;
  const mapped = column?.map?.get(text);
  if (mapped === 'null') return { value: kind === 'null' ? null : undefined };
  const meaning = mapped ?? (column?.map === undefined ? text : (column.otherwise ?? text));
  return typeof kind === 'object' ? readCode(meaning, kind.codes, name) : READERS[kind](meaning, column, zone);
}

function partsOf(meaning: string, sign: string | undefined): string[] {
  const parts = sign === undefined ? [meaning] : meaning.split(sign);
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function readCode(meaning: string, known: readonly string[], name: string): CellReading {
  const word = known.includes(meaning) ? meaning : name === 'patient.sex' ? SEX_WORDS.get(meaning) : undefined;
  return word === undefined ? { issue: 'FIELD_UNKNOWN_CODE' } : { value: word };
}
