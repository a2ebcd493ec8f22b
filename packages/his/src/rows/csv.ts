import { CsvError, type Info, parse } from 'csv-parse/sync';
import { HIS_LIMITS } from '../limits.js';
import type { BrokenRow, Row, RowSet } from './row.js';

interface Reading {
  readonly table: string;
  readonly columns: Map<string, number>;
  readonly rows: Row[];
  readonly broken: { at: string; why: BrokenRow }[];
  width: number;
  cut: boolean;
}

/** Where parsing has to begin again, and why the line there is no row. */
interface Restart {
  readonly line: number;
  readonly why: BrokenRow;
}

/**
 * Reads CSV (RFC 4180) with a header line. A row with a quote that is not closed, or with more cells than the header over
 * several lines, swallows rows that are none of it: its first line is given up and reading goes on with the next.
 */
export function readCsv(written: string, table: string, delimiter: string): RowSet {
  // The parser counts CR LF inside quotes as two lines.
  const text = written.replace(/\r\n?/g, '\n');
  const reading: Reading = { table, columns: new Map(), rows: [], broken: [], width: 0, cut: false };
  const lineStarts = startsOf(text);
  let line = 1;
  while (line <= lineStarts.length && !reading.cut && reading.broken.length < HIS_LIMITS.brokenRows) {
    const restart = parseFrom(text, lineStarts, line, delimiter, reading);
    if (restart === undefined) break;
    reading.broken.push({ at: `${table}:${restart.line}`, why: restart.why });
    line = restart.line + 1;
  }
  if (reading.broken.length >= HIS_LIMITS.brokenRows) reading.cut = true;
  return { rows: reading.rows, broken: reading.broken, columns: [...reading.columns.keys()], hasHeader: true, cut: reading.cut };
}

function parseFrom(text: string, lineStarts: readonly number[], from: number, delimiter: string, reading: Reading): Restart | undefined {
  // The line the next record begins on, for the parser only says where one ends.
  let next = from;
  let restart: Restart | undefined;
  try {
    parse(text.slice(lineStarts[from - 1]), {
      delimiter,
      info: true,
      bom: from === 1,
      relax_column_count: true,
      // Some systems write 5"2 in a plain cell.
      relax_quotes: true,
      max_record_size: HIS_LIMITS.rowLength,
      on_record: (record: unknown) => {
        const { info, record: cells } = record as { info: Info; record: string[] };
        const start = next;
        next = from + info.lines;
        restart ??= takeRecord(reading, cells, start, next - start);
        if (restart !== undefined || reading.cut) throw new Stop();
        return null;
      },
    });
  } catch (error) {
    if (error instanceof Stop) return restart;
    if (error instanceof CsvError) return { line: next, why: error.code === 'CSV_MAX_RECORD_SIZE' ? 'too-long' : 'not-csv' };
    throw error;
  }
  return undefined;
}

/** Ends a parse from within. */
class Stop extends Error {}

function takeRecord(reading: Reading, cells: readonly string[], line: number, height: number): Restart | undefined {
  if (cells.length === 1 && cells[0]?.trim() === '') return undefined;
  if (reading.columns.size === 0) {
    takeHeader(reading, cells);
    return undefined;
  }
  if (cells.length !== reading.width && height > 1) return { line, why: 'not-csv' };
  const at = `${reading.table}:${line}`;
  if (reading.rows.length >= HIS_LIMITS.rows) reading.cut = true;
  else if (!fits(cells, reading.width)) reading.broken.push({ at, why: 'cells' });
  else reading.rows.push(rowOf(reading.columns, cells, at));
  return undefined;
}

/** A row with a cell too many or too few has its values under the wrong columns. Empty cells at its end change nothing. */
function fits(cells: readonly string[], width: number): boolean {
  return cells.length === width || (cells.length > width && cells.slice(width).every((cell) => cell.trim() === ''));
}

function takeHeader(reading: Reading, cells: readonly string[]): void {
  reading.width = cells.length;
  for (const [index, name] of cells.slice(0, HIS_LIMITS.columns).entries()) {
    const column = name.trim();
    // Of two columns of one name the first is meant; the second one is told as not understood.
    reading.columns.set(reading.columns.has(column) ? `${column}\u0000${index}` : column, index);
  }
}

function rowOf(columns: ReadonlyMap<string, number>, cells: readonly string[], at: string): Row {
  return {
    at,
    cell(column) {
      const index = columns.get(column);
      return index === undefined ? undefined : cells[index];
    },
  };
}

/** Where each line begins. */
function startsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
