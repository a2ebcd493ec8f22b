import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CalendarDate, addDays, formatPartialDate, localDate } from '@zhida/core';
import { parse } from 'yaml';
import { EXAMPLE_ROOT } from '../layout.js';
import type { Chart, ChartDiagnosis, ChartResult, NoteField } from './chart.js';

const FILES = ['emergency', 'paediatrics', 'surgery-obstetrics', 'women-children', 'branch'] as const;
const MINUTE_MS = 60_000;
const OFFSET_MS = 8 * 60 * MINUTE_MS;
/** A specimen is back this long after the patient came. */
const RESULT_AFTER_MS = 12 * MINUTE_MS;

type WrittenResult = Omit<ChartResult, 'at'>;

/** A visit as the files in `charts/` have it: times are minutes before the hospital's day began to be looked at, ages stand for birth dates. */
interface WrittenVisit
  extends Partial<FileHead>,
    Pick<Chart, 'serial' | 'room' | 'state' | 'companion' | NoteField>,
    Partial<Pick<Chart, 'disposition'>> {
  readonly ago: number;
  readonly patient: {
    readonly name: string;
    readonly sex: 'male' | 'female';
    readonly age: string;
    readonly address: string;
    readonly school?: string;
  };
  readonly diagnoses: readonly string[];
  readonly orders?: readonly string[];
  readonly results?: readonly WrittenResult[];
  readonly pending?: readonly WrittenResult[];
}

type FileHead = Pick<Chart, 'feed' | 'department' | 'kind' | 'staff'>;
type WrittenFile = FileHead & { readonly visits: readonly WrittenVisit[] };

/**
 * The sixty invented visits as a day of the hospital that `anchorMs` is the present of. Whole: the same instant gives the same
 * charts. Ages are kept, so that what a visit means does not change with the day on which somebody looks at it.
 */
export function chartsOfDay(anchorMs: number): readonly Chart[] {
  const files = FILES.map((name) => parse(readFileSync(join(EXAMPLE_ROOT, 'charts', `${name}.yaml`), 'utf8')) as WrittenFile);
  return files.flatMap(({ visits, ...head }) => visits.map((visit) => chartOf(head, visit, anchorMs)));
}

/** A visit may say otherwise than the head of its file. */
function chartOf(head: FileHead, visit: WrittenVisit, anchorMs: number): Chart {
  const { ago, patient, diagnoses, orders = [], results = [], pending = [], ...told } = visit;
  const { age, ...person } = patient;
  const today = localDate(anchorMs);
  const day = formatPartialDate(today).slice(2).replaceAll('-', '');
  const serial = String(visit.serial).padStart(3, '0');
  const startMs = anchorMs - ago * MINUTE_MS;
  const resultAt = localTime(Math.min(startMs + RESULT_AFTER_MS, anchorMs));
  return {
    ...head,
    ...told,
    id: `V${day}${serial}`,
    visitNumber: `${day}0${serial}`,
    revision: 1,
    startedAt: localTime(startMs),
    savedAt: localTime(startMs + MINUTE_MS),
    patient: { ...person, number: `00${day}${serial}`, birthDate: formatPartialDate(birthOf(age, today)) },
    diagnoses: diagnoses.map(diagnosisIn),
    orders,
    results: results.map((result) => ({ ...result, at: resultAt })),
    pending: pending.map((result) => ({ ...result, at: resultAt })),
  };
}

/** `R10.300 下腹痛`. */
function diagnosisIn(text: string): ChartDiagnosis {
  const space = text.indexOf(' ');
  return { code: text.slice(0, space), text: text.slice(space + 1) };
}

/** `13y51d`: thirteen years and fifty-one days before the day. */
function birthOf(age: string, today: CalendarDate): CalendarDate {
  const amount = (unit: string): number => Number(new RegExp(`(\\d+)${unit}`).exec(age)?.[1] ?? 0);
  const months = today.year * 12 + today.month - 1 - amount('y') * 12 - amount('m');
  const [year, month] = [Math.floor(months / 12), (months % 12) + 1];
  // The 28th is a day of every month; what is cut off is given back in days.
  const kept = Math.min(today.day, 28);
  return addDays({ year, month, day: kept }, today.day - kept - amount('d'));
}

/** RFC 3339 in the hospital's zone. */
export function localTime(instantMs: number): string {
  return `${new Date(instantMs + OFFSET_MS).toISOString().slice(0, 19)}+08:00`;
}
