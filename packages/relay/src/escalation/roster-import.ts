import { DEFAULT_ZONE, type Issue, parseInstant, ZhidaError } from '@zhida/core';
import { parse } from 'csv-parse/sync';
import { readSheet } from 'read-excel-file/node';
import type { Shift } from './roster.js';

/** What an import gave: shifts that can be used, and where the others are wrong. */
export interface RosterReading {
  readonly shifts: readonly Shift[];
  readonly issues: readonly Issue[];
}

/** The columns a roster may have, by their usual headings; all others, names among them, are not kept. */
const COLUMNS = {
  date: ['date', '日期', '值班日期'],
  start: ['start', '开始', '开始时间', '上班'],
  end: ['end', '结束', '结束时间', '下班'],
  title: ['title', '岗位', '班次', '值班岗位'],
  phone: ['phone', '电话', '值班电话', '手机'],
  email: ['email', '邮箱', '电子邮箱'],
} as const;
type Column = keyof typeof COLUMNS;
const NEEDED: readonly Column[] = ['date', 'start', 'end', 'title'];

const ROWS_MAX = 5_000;
const DAY_MS = 86_400_000;
/** 1899-12-30: day 0 of a spreadsheet. */
const SHEET_EPOCH_MS = Date.UTC(1899, 11, 30);
/** What an xlsx file begins with: it is a zip archive. */
const ZIP = Buffer.from('PK\u0003\u0004', 'latin1');

type Cell = string | number | Date | boolean | null | undefined;

/**
 * Reads a duty roster from CSV (UTF-8 or GB18030), xlsx, or a JSON list of objects with the same columns as members. A row that cannot be read is an issue with its place and the rest goes on. A
 * shift that ends before it starts ends on the next day.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` if the file is none of them or lacks a needed column, naming it.
 */
export async function readRoster(file: Buffer, zone: string = DEFAULT_ZONE): Promise<RosterReading> {
  const [heading = [], ...rows] = await rowsOf(file);
  const columns = columnsOf(heading);
  if (rows.length > ROWS_MAX) throw new ZhidaError('ZD_ERR_INPUT_TOO_LARGE', `a roster has at most ${ROWS_MAX} rows`);
  const shifts: Shift[] = [];
  const issues: Issue[] = [];
  rows.forEach((row, index) => {
    if (row.every((cell) => textOf(cell) === '')) return;
    const shift = shiftOf(row, columns, zone);
    // The heading is row 1, as the reader of the sheet counts.
    if (typeof shift === 'string') issues.push({ code: 'VALUE_UNREAD', severity: 'error', at: `row ${index + 2}, ${shift}` });
    else shifts.push(shift);
  });
  return { shifts, issues };
}

async function rowsOf(file: Buffer): Promise<Cell[][]> {
  if (file.subarray(0, ZIP.length).equals(ZIP)) return xlsxRows(file);
  return /^\s*\[/.test(file.toString('latin1', 0, 100)) ? jsonRows(file) : csvRows(file);
}

/** A list of objects as rows under the heading of all their members. */
function jsonRows(file: Buffer): Cell[][] {
  let listed: unknown;
  try {
    listed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file));
  } catch {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the roster is no JSON', { at: '$' });
  }
  const records = (Array.isArray(listed) ? listed : []).map((item: unknown) => (typeof item === 'object' && item !== null ? item : {}));
  const heading = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const cellOf = (value: unknown): Cell => (typeof value === 'string' || typeof value === 'number' ? value : undefined);
  return [heading, ...records.map((record) => heading.map((name) => cellOf((record as Record<string, unknown>)[name])))];
}

function csvRows(file: Buffer): Cell[][] {
  try {
    return parse(decode(file), { bom: true, relax_column_count: true, skip_empty_lines: true, trim: true }) as string[][];
  } catch {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the roster is neither CSV nor xlsx', { at: '$' });
  }
}

function decode(file: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file);
  } catch {
    // What a Chinese spreadsheet writes when it is asked for CSV.
    return new TextDecoder('gb18030').decode(file);
  }
}

async function xlsxRows(file: Buffer): Promise<Cell[][]> {
  try {
    return (await readSheet(file)) as Cell[][];
  } catch {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the file is no xlsx that can be read', { at: '$' });
  }
}

function columnsOf(heading: readonly Cell[]): ReadonlyMap<Column, number> {
  const names = heading.map((cell) => textOf(cell).toLowerCase());
  const found = new Map<Column, number>();
  for (const [column, aliases] of Object.entries(COLUMNS) as [Column, readonly string[]][]) {
    const index = names.findIndex((name) => aliases.includes(name));
    if (index >= 0) found.set(column, index);
    else if (NEEDED.includes(column)) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the roster lacks a column', { at: column });
  }
  return found;
}

/** The shift of a row, or the column that cannot be read. */
function shiftOf(row: readonly Cell[], columns: ReadonlyMap<Column, number>, zone: string): Shift | Column {
  const cell = (column: Column): Cell => row[columns.get(column) ?? -1];
  const date = dateOf(cell('date'));
  if (date === undefined) return 'date';
  const start = timeOf(cell('start'));
  const end = timeOf(cell('end'));
  const startsAtMs = start === undefined ? undefined : instantOf(date, start, zone);
  if (startsAtMs === undefined) return 'start';
  let endsAtMs = end === undefined ? undefined : instantOf(date, end, zone);
  if (endsAtMs === undefined) return 'end';
  if (endsAtMs <= startsAtMs) endsAtMs += DAY_MS;
  const title = textOf(cell('title'));
  if (title === '') return 'title';
  return { startsAtMs, endsAtMs, title, phone: textOf(cell('phone')) || undefined, email: textOf(cell('email')) || undefined };
}

/** `2026-02-18`, `2026/2/18`, `2026年2月18日`, a date cell or a sheet's day number. */
function dateOf(cell: Cell): string | undefined {
  if (cell instanceof Date) return cell.toISOString().slice(0, 10);
  if (typeof cell === 'number') return new Date(SHEET_EPOCH_MS + Math.floor(cell) * DAY_MS).toISOString().slice(0, 10);
  const match = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(textOf(cell));
  if (match === null) return undefined;
  const [, year = '', month = '', day = ''] = match;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/** `20:00`, `8:30`, `24:00`, a time cell or a sheet's fraction of a day, as minutes. */
function timeOf(cell: Cell): number | undefined {
  if (cell instanceof Date) return cell.getUTCHours() * 60 + cell.getUTCMinutes();
  if (typeof cell === 'number') return cell >= 0 && cell <= 1 ? Math.round(cell * 24 * 60) : undefined;
  const match = /^(\d{1,2})[:：](\d{2})(?::\d{2})?$/.exec(textOf(cell));
  if (match === null) return undefined;
  const minutes = Number(match[1]) * 60 + Number(match[2]);
  return Number(match[2]) < 60 && minutes <= 24 * 60 ? minutes : undefined;
}

function instantOf(date: string, minutes: number, zone: string): number | undefined {
  const midnight = parseInstant(date, zone);
  return midnight === undefined ? undefined : midnight + minutes * 60_000;
}

function textOf(cell: Cell): string {
  if (typeof cell === 'string') return cell.trim();
  return typeof cell === 'number' ? String(cell) : '';
}
