import { DEFAULT_ZONE, zoneOffsetMs } from '@zhida/core';
import { FACT_LISTS, type FactListName, type FieldKind, SAYING, VISIT_FIELDS } from '../targets.js';
import { readCell } from '../read/cell.js';
import type { FactMapping, FieldMapping, HisMapping, RowCondition, Source, TableMapping } from './mapping.js';
import type { ProblemLog } from './problems.js';
import type { ConditionDocument, MappingDocument, SourceDocument } from './schema.js';
import { compileTimeFormat } from './time-format.js';

type Path = readonly (string | number)[];
type TableDocument = MappingDocument['tables'][string];

/** Turns a mapping that keeps the schema into one that is ready, or says what in it cannot work. */
export function compileMapping(document: MappingDocument, log: ProblemLog): HisMapping | undefined {
  const zone = zoneOf(document, log);
  const set = Object.entries(document.set ?? {}).flatMap(([name, value]) =>
    fieldOf(name, { value }, VISIT_FIELDS, { path: ['set'], zone, log }),
  );
  const tables = withReferredColumns(Object.entries(document.tables).map(([name, table]) => tableOf(name, table, zone, log)));
  if (tables.length === 0) log.add(['tables'], 'there is no table');
  if (!tables.some(({ place }) => 'visit' in place)) log.add(['tables'], 'no table has a column with the visit number');
  const ordered = inOrder(tables, log);
  return { zone, encoding: document.encoding, delimiter: document.delimiter ?? ',', set, tables: ordered };
}

function zoneOf({ zone = DEFAULT_ZONE }: MappingDocument, log: ProblemLog): string {
  try {
    zoneOffsetMs(0, zone);
    return zone;
  } catch {
    log.add(['zone'], 'not an IANA zone');
    return DEFAULT_ZONE;
  }
}

function tableOf(name: string, table: TableDocument, zone: string, log: ProblemLog): TableMapping {
  const path = ['tables', name];
  const fields = Object.entries(table.fields ?? {}).flatMap(([field, source]) =>
    source === undefined ? [] : fieldOf(field, source, VISIT_FIELDS, { path: [...path, 'fields'], zone, log }),
  );
  const facts = (table.facts ?? []).map((fact, index) => factOf(fact, { path: [...path, 'facts', index], zone, log }));
  const when = conditionOf(table.when);
  const place = placeOf(table, path, log);
  return { name, isFile: patternOf(table.file ?? name), place, when, fields, facts, columns: columnsOf({ place, when, fields, facts }) };
}

function placeOf({ visit, from }: TableDocument, path: Path, log: ProblemLog): TableMapping['place'] {
  if ((visit === undefined) === (from === undefined)) log.add(path, 'needs either visit or from, and not both');
  return from ?? { visit: visit ?? '' };
}

interface Circumstances {
  readonly path: Path;
  readonly zone: string;
  readonly log: ProblemLog;
}

function factOf(fact: NonNullable<TableDocument['facts']>[number], { path, zone, log }: Circumstances): FactMapping {
  const list = fact.list as FactListName;
  const kinds: Readonly<Record<string, FieldKind>> = FACT_LISTS[list];
  const fields = Object.entries(fact.fields).flatMap(([name, source]) => {
    return fieldOf(name, source, kinds, { path: [...path, 'fields'], zone, log });
  });
  const saying = new Set(SAYING[list]);
  if (!fields.some(({ name, source }) => saying.has(name) && 'column' in source)) {
    log.add([...path, 'fields'], `an item of ${list} needs ${SAYING[list].join(' or ')} from a column`);
  }
  if (list === 'notes' && !fields.some(({ name }) => name === 'section')) log.add([...path, 'fields'], 'a note needs a section');
  if (list === 'identifiers' && !fields.some(({ name }) => name === 'system')) log.add([...path, 'fields'], 'an identifier needs a system');
  return { list, when: conditionOf(fact.when), fields, saying };
}

function fieldOf(
  name: string,
  document: SourceDocument,
  kinds: Readonly<Record<string, FieldKind>>,
  { path, zone, log }: Circumstances,
): FieldMapping[] {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  const at = [...path, name];
  if (kind === undefined) {
    log.add(at, 'not a field that can be filled');
    return [];
  }
  const source = sourceOf(document, at, log);
  for (const [meaning, where] of meaningsOf(source, at)) {
    const read = meaning === 'null' ? { value: null } : readCell(meaning, { name, path: [], kind, source: { value: meaning } }, zone);
    if ('issue' in read) log.add(where, 'not a value this field may have');
  }
  return [{ path: name.split('.'), name, kind, source }];
}

/** What a mapping itself says must be right before any row is read. */
function meaningsOf(source: Source, at: Path): [meaning: string, at: Path][] {
  if ('value' in source) return [[source.value, at]];
  const mapped = Array.from(source.map ?? [], ([said, meaning]): [string, Path] => [meaning, [...at, 'map', said]]);
  return source.otherwise === undefined ? mapped : [...mapped, [source.otherwise, [...at, 'otherwise']]];
}

function sourceOf(document: SourceDocument, at: Path, log: ProblemLog): Source {
  if (typeof document === 'string')
    return { column: document.trim(), map: undefined, otherwise: undefined, time: undefined, split: undefined };
  if ('value' in document) return { value: String(document.value) };
  const { column, map, otherwise, time, split } = document;
  const format = time === undefined ? undefined : compileTimeFormat(time);
  if (time !== undefined && format === undefined)
    log.add([...at, 'time'], 'not a form of times: yyyy MM M dd d HH H mm ss and signs between');
  return {
    column: column.trim(),
    map: map === undefined ? undefined : new Map(Object.entries(map).map(([said, meaning]) => [said.trim(), String(meaning)])),
    otherwise,
    time: format,
    split,
  };
}

function conditionOf(document: ConditionDocument | undefined): RowCondition {
  return Object.entries(document ?? {}).map(([column, values]) => ({ column, values: new Set(values) }));
}

/** A file name with `*` for any part; an ending after it does not count. Each part is looked for once, so no name is slow. */
function patternOf(pattern: string): TableMapping['isFile'] {
  const [first = '', ...parts] = pattern
    .replace(/\.(?:csv|tsv|txt|json|jsonl|ndjson)$/i, '')
    .toLowerCase()
    .split('*');
  const last = parts.pop();
  return (name) => {
    const stem = name.toLowerCase();
    if (last === undefined) return stem === first;
    if (!stem.startsWith(first)) return false;
    let at = first.length;
    for (const part of parts) {
      const found = stem.indexOf(part, at);
      if (found === -1) return false;
      at = found + part.length;
    }
    return stem.length - last.length >= at && stem.endsWith(last);
  };
}

function columnsOf({ place, when, fields, facts }: Pick<TableMapping, 'place' | 'when' | 'fields' | 'facts'>): TableMapping['columns'] {
  const columns = new Map<string, string[]>();
  const put = (column: string, goal: string): void => void columns.set(column, [...(columns.get(column) ?? []), goal]);
  put('visit' in place ? place.visit : place.key, 'visit');
  for (const { column } of [...when, ...facts.flatMap((fact) => fact.when)]) put(column, 'when');
  for (const { name, source } of fields) if ('column' in source) put(source.column, name);
  for (const { list, fields: own } of facts) {
    for (const { name, source } of own) if ('column' in source) put(source.column, `${list}.${name}`);
  }
  return columns;
}

/** The columns by which other tables are found are taken from too. */
function withReferredColumns(tables: readonly TableMapping[]): TableMapping[] {
  return tables.map((table) => {
    const columns = new Map(table.columns);
    for (const { name, place } of tables) {
      if ('table' in place && place.table === table.name)
        columns.set(place.column, [...(columns.get(place.column) ?? []), `rows of ${name}`]);
    }
    return { ...table, columns };
  });
}

/** Tables after the one they are found by; a table that is found by itself, through whatever circle, is a problem. */
function inOrder(tables: readonly TableMapping[], log: ProblemLog): TableMapping[] {
  const ordered = tables.filter(({ place }) => 'visit' in place);
  let waiting = tables.filter(({ place }) => !('visit' in place));
  while (waiting.length > 0) {
    const ready = waiting.filter(({ place }) => 'table' in place && ordered.some(({ name }) => name === place.table));
    if (ready.length === 0) {
      for (const { name } of waiting) log.add(['tables', name, 'from'], 'leads to no table with a visit number');
      return ordered;
    }
    ordered.push(...ready);
    waiting = waiting.filter((table) => !ready.includes(table));
  }
  return ordered;
}
