import type { IssueCode, IssueLog } from '@zhida/core';
import type { FactMapping, FieldMapping, HisMapping, RowCondition, TableMapping } from '../mapping/mapping.js';
import type { Row } from '../rows/row.js';
import type { TableRows } from '../rows/tables.js';
import { cellText, readCell } from './cell.js';

/** A visit as its rows have told it. */
export interface VisitDraft {
  readonly number: string;
  /** Nested as in the snapshot. */
  readonly fields: Record<string, unknown>;
  readonly facts: Map<FactMapping['list'], unknown[]>;
  /** Items as text: rows of a visit often repeat what the visit has once. */
  readonly told: Set<string>;
}

/** What came of the rows of one table. */
export interface TableCount {
  rows: number;
  /** Rows whose visit could not be found. */
  placeless: number;
  /** Cells that could not be used. */
  spoilt: number;
}

/** Lists that say who somebody is, not what happened. */
const OF_PERSONS: ReadonlySet<FactMapping['list']> = new Set(['identifiers', 'guardians']);

interface Reading {
  readonly mapping: HisMapping;
  readonly log: IssueLog;
  readonly visits: Map<string, VisitDraft>;
  /** Visits by table, column and value, for the tables found by one. */
  readonly keys: Map<string, Map<string, VisitDraft[]>>;
}

/** Puts the rows of all tables together by visit, in order of each visit's first row. */
export function visitsOf(
  tables: readonly TableRows[],
  mapping: HisMapping,
  log: IssueLog,
): { visits: readonly VisitDraft[]; counts: ReadonlyMap<TableRows, TableCount> } {
  const reading: Reading = { mapping, log, visits: new Map(), keys: keysWanted(mapping) };
  const counts = new Map<TableRows, TableCount>();
  // In the mapping's order: a table after the one its rows are found by.
  for (const table of mapping.tables) {
    for (const set of tables.filter((one) => one.table === table)) counts.set(set, takeTable(reading, set));
  }
  return { visits: [...reading.visits.values()], counts };
}

function keysWanted({ tables }: HisMapping): Reading['keys'] {
  return new Map(tables.flatMap(({ place }) => ('visit' in place ? [] : [[keyName(place.table, place.column), new Map()] as const])));
}

function keyName(table: string, column: string): string {
  return `${table}\u0000${column}`;
}

function takeTable(reading: Reading, { table, rows }: TableRows): TableCount {
  const count: TableCount = { rows: 0, placeless: 0, spoilt: 0 };
  const { place } = table;
  if (rows.hasHeader && !rows.columns.includes('visit' in place ? place.visit : place.key)) {
    // That the column is missing is said once, for the table.
    return { rows: rows.rows.length, placeless: rows.rows.length, spoilt: 0 };
  }
  const wanted = [...reading.keys.keys()]
    .filter((key) => key.startsWith(`${table.name}\u0000`))
    .map((key) => key.slice(table.name.length + 1));
  for (const row of rows.rows) {
    count.rows += 1;
    if (!meets(row, table.when)) continue;
    const visits = visitsFor(reading, table, row, count);
    if (visits.length === 0) continue;
    for (const column of wanted) remember(reading, keyName(table.name, column), row.cell(column), visits);
    const fields = readFields(reading, table.fields, row, count);
    const facts = table.facts.flatMap((fact) => readFact(reading, fact, row, count));
    for (const visit of visits) {
      for (const [field, value] of fields) put(visit.fields, field.path, value);
      for (const { list, item } of facts) addFact(visit, list, item);
    }
  }
  return count;
}

function visitsFor(reading: Reading, { place, facts }: TableMapping, row: Row, count: TableCount): readonly VisitDraft[] {
  const column = 'visit' in place ? place.visit : place.key;
  const text = textOf(reading, row, column, 'visit', count);
  if (text === undefined) {
    reading.log.add('FIELD_MISSING', `${row.at}.${column}`, 'error');
    count.placeless += 1;
    return [];
  }
  if ('visit' in place) return [visitOf(reading, text)];
  const found = reading.keys.get(keyName(place.table, place.column))?.get(text) ?? [];
  if (found.length > 0) return found;
  // A list of departments or patients has more of them than visits; a result without a visit is lost.
  if (!facts.some(({ list }) => !OF_PERSONS.has(list))) return [];
  reading.log.add('REFERENCE_UNRESOLVED', `${row.at}.${column}`, 'error');
  count.placeless += 1;
  return [];
}

function visitOf({ visits }: Reading, number: string): VisitDraft {
  const known = visits.get(number);
  if (known !== undefined) return known;
  const visit: VisitDraft = { number, fields: {}, facts: new Map(), told: new Set() };
  visits.set(number, visit);
  return visit;
}

function remember({ keys }: Reading, key: string, cell: unknown, visits: readonly VisitDraft[]): void {
  const text = cellText(cell);
  if (typeof text !== 'string') return;
  const index = keys.get(key);
  const known = index?.get(text);
  if (known === undefined) index?.set(text, [...visits]);
  else for (const visit of visits) if (!known.includes(visit)) known.push(visit);
}

function meets(row: Row, condition: RowCondition): boolean {
  return condition.every(({ column, values }) => {
    const text = cellText(row.cell(column));
    return values.has(typeof text === 'string' ? text : '');
  });
}

function readFields(reading: Reading, fields: readonly FieldMapping[], row: Row, count: TableCount): [FieldMapping, unknown][] {
  return fields.flatMap((field): [FieldMapping, unknown][] => {
    const value = fieldValue(reading, field, row, count, field.name);
    return value === undefined ? [] : [[field, value]];
  });
}

function readFact(
  reading: Reading,
  { list, when, fields, saying }: FactMapping,
  row: Row,
  count: TableCount,
): { list: FactMapping['list']; item: object }[] {
  if (!meets(row, when)) return [];
  const item: Record<string, unknown> = {};
  let says = false;
  for (const field of fields) {
    const value = fieldValue(reading, field, row, count, `${list}.${field.name}`);
    if (value === undefined) continue;
    put(item, field.path, value);
    if (saying.has(field.name) && 'column' in field.source && value !== null) says = true;
  }
  if (!says) return [];
  // A note under a heading nobody knows is still a note.
  if (list === 'notes') item['section'] ??= 'other';
  return [{ list, item }];
}

function fieldValue(reading: Reading, field: FieldMapping, row: Row, count: TableCount, goal: string): unknown {
  const { source } = field;
  const text = 'value' in source ? source.value : textOf(reading, row, source.column, goal, count);
  if (text === undefined) return undefined;
  const read = readCell(text, field, reading.mapping.zone);
  if ('value' in read) return read.value;
  spoil(reading, row, 'column' in source ? source.column : '', goal, read.issue, count);
  return undefined;
}

/** The text of a cell; what is no text, and characters that were lost in its encoding, are named. */
function textOf(reading: Reading, row: Row, column: string, goal: string, count: TableCount): string | undefined {
  const text = cellText(row.cell(column));
  if (typeof text === 'object') {
    spoil(reading, row, column, goal, text.issue, count);
    return undefined;
  }
  if (text?.includes('\uFFFD') === true) spoil(reading, row, column, goal, 'TEXT_NOT_WELL_FORMED', count);
  return text;
}

function spoil({ log }: Reading, { at }: Row, column: string, goal: string, code: IssueCode, count: TableCount): void {
  count.spoilt += 1;
  log.add(code, `${at}.${column} (${goal})`);
}

/** Sets a member of a nested object. Paths come from the closed list of fields, never from a file. */
export function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [step = '', ...rest] = path;
  if (rest.length === 0) {
    if (value !== undefined) target[step] = value;
    return;
  }
  const inner = target[step];
  const next = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
  target[step] = next;
  put(next, rest, value);
}

function addFact(visit: VisitDraft, list: FactMapping['list'], item: object): void {
  const text = `${list}${JSON.stringify(item)}`;
  if (visit.told.has(text)) return;
  visit.told.add(text);
  const items = visit.facts.get(list);
  if (items === undefined) visit.facts.set(list, [item]);
  else items.push(item);
}
