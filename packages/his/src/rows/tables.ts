import type { HisMapping, TableMapping } from '../mapping/mapping.js';
import { HIS_LIMITS } from '../limits.js';
import { readCsv } from './csv.js';
import { decodeFile } from './decode.js';
import { withLongNumbersAsText } from './long-numbers.js';
import { keysOf, memberOf, readObjects } from './json.js';
import type { RowSet } from './row.js';

/** A file of rows. Its name says which table of the mapping it is; a folder before it does not count. */
export interface RowFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The rows of a table from one file, or from one list of a JSON document. */
export interface TableRows {
  readonly table: TableMapping;
  readonly rows: RowSet;
}

/** What a file turned out to be: rows of tables, or nothing that can be read. */
export interface FileTables {
  readonly tables: readonly TableRows[];
  readonly unreadable: 'too-large' | 'no-table' | 'not-json' | undefined;
  /** Members of a JSON document that the mapping has no table for, by their number. */
  readonly unmapped: readonly number[];
}

const NOTHING = { tables: [], unmapped: [] } as const;

/**
 * Reads a file as its content shows: JSON where it begins with `[` or `{` (a list of rows, an object of lists by table name,
 * or one row a line), else CSV. `label` tells two files of one table apart in locations.
 */
export function readFile(file: RowFile, mapping: HisMapping, label: (table: TableMapping) => string): FileTables {
  if (file.bytes.length > HIS_LIMITS.fileBytes) return { ...NOTHING, unreadable: 'too-large' };
  const text = decodeFile(file.bytes, mapping.encoding);
  const table = tableOf(file.name, mapping);
  if (!/^\s*[[{]/.test(text)) {
    if (table === undefined) return { ...NOTHING, unreadable: 'no-table' };
    return { ...NOTHING, tables: [{ table, rows: readCsv(text, label(table), mapping.delimiter) }], unreadable: undefined };
  }
  const document = parseJson(text) ?? parseLines(text);
  if (document === undefined) return { ...NOTHING, unreadable: 'not-json' };
  if (keysOf(document.value) !== undefined) return readDocument(document.value, mapping, label);
  if (table === undefined) return { ...NOTHING, unreadable: 'no-table' };
  return { ...NOTHING, tables: [{ table, rows: readObjects(document.value, label(table)) }], unreadable: undefined };
}

/** Reads an object of lists of rows, by the names of the mapping’s tables. */
export function readDocument(document: unknown, mapping: HisMapping, label: (table: TableMapping) => string): FileTables {
  const tables: TableRows[] = [];
  const unmapped: number[] = [];
  for (const [index, key] of (keysOf(document) ?? []).entries()) {
    const table = mapping.tables.find(({ name }) => name === key);
    if (table === undefined) unmapped.push(index + 1);
    else tables.push({ table, rows: readObjects(memberOf(document, key), label(table)) });
  }
  return { tables, unmapped, unreadable: tables.length === 0 ? 'no-table' : undefined };
}

function tableOf(name: string, { tables }: HisMapping): TableMapping | undefined {
  const stem = (name.split(/[\\/]/).at(-1) ?? '').replace(/\.[A-Za-z0-9]{1,6}$/, '');
  return tables.find(({ isFile }) => isFile(stem)) ?? (tables.length === 1 ? tables[0] : undefined);
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(withLongNumbersAsText(text.replace(/^\uFEFF/, ''))) as unknown };
  } catch {
    // The parser's message quotes the text.
    return undefined;
  }
}

/** One row a line; a line that is no JSON stands as a row that is none, so that it is named and the next ones are read. */
function parseLines(text: string): { value: unknown[] } | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const values = lines.map((line) => parseJson(line)?.value);
  return lines.length > 1 && values.some((value) => keysOf(value) !== undefined) ? { value: values } : undefined;
}
