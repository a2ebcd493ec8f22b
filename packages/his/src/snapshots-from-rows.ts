import { type EncounterSnapshot, type Issue, type IssueLog, createIssueLog, readSnapshot } from '@zhida/core';
import { HIS_LIMITS } from './limits.js';
import type { HisMapping, TableMapping } from './mapping/mapping.js';
import { draftOf } from './read/draft.js';
import { withHistories } from './read/history.js';
import { type TableCount, type VisitDraft, visitsOf } from './read/visits.js';
import type { BrokenRow } from './rows/row.js';
import { type FileTables, type RowFile, type TableRows, readDocument, readFile } from './rows/tables.js';

/** What was understood of the rows of one table in one file. */
export interface TableReading {
  readonly table: string;
  readonly rows: number;
  /** Rows that are none, or whose visit could not be found. */
  readonly unreadable: number;
  /** Cells that could not be used. */
  readonly spoilt: number;
  /** Columns of the mapping that are there, and what each fills. */
  readonly columns: readonly { readonly column: string; readonly number: number; readonly fills: readonly string[] }[];
  /** Columns of the mapping that are not there. */
  readonly missing: readonly string[];
  /** Numbers, from 1, of columns the mapping says nothing of. A file without a header has a patient where their names should be. */
  readonly unmapped: readonly number[];
}

export interface RowsReading {
  /** One for each visit, in order of its first row. */
  readonly snapshots: readonly EncounterSnapshot[];
  /** `at` is like `visits:13.性别 (patient.sex)` or `file[2]`: places and names of the mapping, never a value. */
  readonly issues: readonly Issue[];
  readonly tables: readonly TableReading[];
  /** Rows in all. */
  readonly rows: number;
  /** Rows and files of which nothing could be used. */
  readonly unreadable: number;
}

const BROKEN_CODES: Readonly<Record<BrokenRow, Issue['code']>> = {
  'not-csv': 'MESSAGE_UNREADABLE',
  'too-long': 'FIELD_TOO_LONG',
  'not-an-object': 'MESSAGE_UNREADABLE',
  cells: 'MESSAGE_UNREADABLE',
};

/**
 * Reads files of rows (CSV or JSON; UTF-8, UTF-16 or GB18030) into one EncounterSnapshot for each visit number, as a mapping says.
 *
 * Total: whatever the bytes are, the answer is snapshots and issues. A cell that cannot be used is left out and named, a row
 * that is none is named, everything else is read. Earlier visits of the same patient in the same files become the `history`
 * of later ones. Knows no rule, no network and no disk.
 */
export function snapshotsFromFiles(files: readonly RowFile[], mapping: HisMapping): RowsReading {
  const log = createIssueLog(HIS_LIMITS.issues);
  const labels = labeller();
  const read = files.map((file) => readFile(file, mapping, labels));
  for (const [index, { unreadable }] of read.entries()) {
    if (unreadable !== undefined) log.add(unreadable === 'too-large' ? 'FIELD_TOO_LONG' : 'RESOURCE_UNREADABLE', `file[${index}]`, 'error');
  }
  return readingOf(read, mapping, log);
}

/** Reads rows that are there already, for example from a view of a database: an object of lists of objects, by table of the mapping. */
export function snapshotsFromRows(tables: unknown, mapping: HisMapping): RowsReading {
  const log = createIssueLog(HIS_LIMITS.issues);
  const read = readDocument(tables, mapping, labeller());
  if (read.unreadable !== undefined) log.add('RESOURCE_UNREADABLE', '', 'error');
  return readingOf([read], mapping, log);
}

/** `visits` for the first file of a table, `visits#2` for the next. */
function labeller(): (table: TableMapping) => string {
  const counts = new Map<string, number>();
  return ({ name }) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  };
}

function readingOf(files: readonly FileTables[], mapping: HisMapping, log: IssueLog): RowsReading {
  const sets = files.flatMap(({ tables }) => tables);
  for (const set of sets) nameBroken(set, log);
  const { visits, counts } = visitsOf(sets, mapping, log);
  const tables = sets.map((set) => tableReading(set, counts.get(set)));
  return {
    snapshots: snapshotsOf(visits, mapping, feedsOf(sets), log),
    issues: log.issues,
    tables,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    unreadable: tables.reduce((sum, { unreadable }) => sum + unreadable, files.filter(({ unreadable }) => unreadable !== undefined).length),
  };
}

function nameBroken({ table, rows }: TableRows, log: IssueLog): void {
  for (const { at, why } of rows.broken) log.add(BROKEN_CODES[why], at, 'error');
  for (const at of rows.mended) log.add('VALUE_NORMALISED', at);
  if (rows.cut) log.add('FIELD_TOO_LONG', table.name, 'error');
  for (const [column, fills] of missingIn(table, rows.columns)) {
    // A list of objects leaves out what is empty; a file has its columns in the header or not at all.
    log.add('FIELD_MISSING', `${table.name}.${column} (${fills.join(', ')})`, rows.hasHeader ? 'error' : 'information');
  }
}

function missingIn(table: TableMapping, columns: readonly string[]): [string, readonly string[]][] {
  return columns.length === 0 ? [] : [...table.columns].filter(([column]) => !columns.includes(column));
}

function tableReading({ table, rows }: TableRows, count: TableCount = { rows: 0, placeless: 0, spoilt: 0 }): TableReading {
  return {
    table: table.name,
    rows: count.rows + rows.broken.length,
    unreadable: rows.broken.length + count.placeless,
    spoilt: count.spoilt,
    columns: [...table.columns].flatMap(([column, fills]) => {
      const index = rows.columns.indexOf(column);
      return index === -1 ? [] : [{ column, number: index + 1, fills }];
    }),
    missing: missingIn(table, rows.columns).map(([column]) => column),
    unmapped: rows.columns.flatMap((column, index) => (table.columns.has(column) ? [] : [index + 1])),
  };
}

function snapshotsOf(
  visits: readonly VisitDraft[],
  mapping: HisMapping,
  feedsPresent: readonly string[],
  log: IssueLog,
): EncounterSnapshot[] {
  const read = visits.flatMap((visit) => {
    const { snapshot, issues } = readSnapshot(draftOf(visit, mapping, feedsPresent));
    for (const { code, severity, at } of issues) log.add(code, `visit.${at}`, severity);
    return snapshot ?? [];
  });
  return withHistories(read);
}

/** What the files can carry: lists and people the mapping fills from tables that came. */
function feedsOf(sets: readonly TableRows[]): string[] {
  const lists = sets.flatMap(({ table }) => table.facts.map(({ list }) => list)).filter((list) => list !== 'identifiers');
  const people = sets
    .flatMap(({ table }) => table.fields.map(({ path }) => path[0] ?? ''))
    .filter((name) => name === 'companion' || name === 'mother');
  return [...new Set([...lists, ...people])];
}
