import { CsvError, type Info, parse } from 'csv-parse/sync';
import { HIS_LIMITS } from '../limits.js';
import type { BrokenRow, Row, RowSet } from './row.js';

/** Lines parsed at a time. A row that cannot be parsed is begun again from, and only this much is gone over twice. */
const WINDOW_LINES = 256;

interface Reading {
  readonly table: string;
  readonly delimiter: string;
  readonly columns: Map<string, number>;
  readonly rows: Row[];
  readonly broken: { at: string; why: BrokenRow }[];
  readonly mended: string[];
  width: number;
  cut: boolean;
}

/** How far a window was read. */
interface Outcome {
  /** The first line of the first record that was not taken. */
  readonly next: number;
  /** `open`: its quote is not closed in the window; `bad`: it is no CSV; `undefined`: all of the window was taken. */
  readonly failure: 'open' | 'bad' | undefined;
}

/**
 * Reads CSV (RFC 4180) with a header line. A row whose quotes are not as they should be (`"he said "ouch""`, one never closed)
 * would swallow rows that are none of it: its first line is read by itself, quotes as plain signs, and named; where its cells
 * then do not fit the header it is given up. Reading goes on with the next line.
 */
export function readCsv(written: string, table: string, delimiter: string): RowSet {
  // The parser counts CR LF inside quotes as two lines.
  const text = written.replace(/\r\n?/g, '\n');
  const reading: Reading = { table, delimiter, columns: new Map(), rows: [], broken: [], mended: [], width: 0, cut: false };
  const starts = startsOf(text);
  const textOf = (from: number, to: number): string => text.slice(starts[from - 1], starts[to - 1]);
  let line = 1;
  let height = WINDOW_LINES;
  let stray = 0;
  while (line <= starts.length && !reading.cut) {
    const end = Math.min(line + height, starts.length + 1);
    const window = textOf(line, end);
    const { next, failure } = parseWindow(window, line, reading);
    // A cell may be longer than a window; one that is still open after the longest row is open by mistake.
    const mayClose = failure === 'open' && end <= starts.length && window.length < HIS_LIMITS.rowLength && stray < HIS_LIMITS.strayQuotes;
    if (failure === undefined) {
      line = end;
      height = WINDOW_LINES;
    } else if (mayClose) {
      height = next > line ? WINDOW_LINES : height * 2;
      line = next;
    } else {
      if (failure === 'open') stray += 1;
      readAlone(textOf(next, next + 1), next, reading);
      line = next + 1;
      height = WINDOW_LINES;
    }
  }
  const { rows, broken, mended, columns, cut } = reading;
  return { rows, broken, mended, columns: [...columns.keys()], hasHeader: true, cut };
}

/** Ends a parse from within. */
class Stop extends Error {}

function parseWindow(text: string, from: number, reading: Reading): Outcome {
  // The line the next record begins on, for the parser only says where one ends.
  let next = from;
  try {
    parse(text, {
      delimiter: reading.delimiter,
      info: true,
      relax_column_count: true,
      max_record_size: HIS_LIMITS.rowLength,
      on_record: (record: unknown) => {
        const { info, record: cells } = record as { info: Info; record: string[] };
        const after = from + info.lines;
        const isLost = reading.columns.size > 0 && cells.length !== reading.width && after - next > 1;
        if (isLost) throw new Stop();
        takeRecord(reading, cells, next);
        next = after;
        return null;
      },
    });
  } catch (error) {
    if (error instanceof Stop) return { next, failure: 'bad' };
    if (!(error instanceof CsvError)) throw error;
    const isOpen = error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE';
    return { next, failure: isOpen ? 'open' : 'bad' };
  }
  return { next, failure: undefined };
}

/** A line that is no CSV, as it is: its quotes are signs like others. */
function readAlone(text: string, line: number, reading: Reading): void {
  const at = `${reading.table}:${line}`;
  if (text.length > HIS_LIMITS.rowLength) {
    reading.broken.push({ at, why: 'too-long' });
    return;
  }
  const cells = text
    .replace(/\n$/, '')
    .split(reading.delimiter)
    .map((cell) => cell.replace(/^"([^]*)"$/, '$1'));
  if (reading.columns.size === 0 || !fits(cells, reading.width)) reading.broken.push({ at, why: 'not-csv' });
  else {
    reading.mended.push(at);
    takeRecord(reading, cells, line);
  }
}

function takeRecord(reading: Reading, cells: readonly string[], line: number): void {
  if (cells.length === 1 && cells[0]?.trim() === '') return;
  const at = `${reading.table}:${line}`;
  if (reading.columns.size === 0) takeHeader(reading, cells);
  else if (reading.rows.length >= HIS_LIMITS.rows) reading.cut = true;
  else if (!fits(cells, reading.width)) reading.broken.push({ at, why: 'cells' });
  else reading.rows.push(rowOf(reading.columns, cells, at));
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
