import {
  type CalendarDate,
  DEFAULT_ZONE,
  type PartialDate,
  type TriState,
  checkResidentId,
  compareDates,
  completedYears,
  earliestBirth,
  isCompleteDate,
  isNobodysBirth,
  latestBirth,
  localDate,
  parseInstant,
  parsePartialDate,
} from '@zhida/core';
import { createIssueLog } from '../issue-log.js';
import { isPaired } from '../wire/charset.js';
import { fieldsOf } from '../wire/raw-field.js';
import { RawSegment } from '../wire/raw-segment.js';
import { type Envelope, lineAt, openEnvelope } from './envelope.js';
import { birthDateOf, readTime } from './times.js';

/** What PID-7 and the time of the visit say of the patient's age. */
export interface MessageAge {
  /** `no` only where nothing in PID allows another answer. */
  readonly minor: TriState;
  /** Completed years, the fewest the birth date allows. */
  readonly years: number | undefined;
}

const ADULT_YEARS = 18;
const UNKNOWN: MessageAge = { minor: 'unknown', years: undefined };
const RESIDENT_ID = /[1-9]\d{16}[\dXx]/g;

/**
 * Age of the patient on the day of the visit, from the bytes of a message and without a parse: PID-7 and PV1-44, else MSH-7.
 *
 * A hospital's feed is mostly about adults, whom nothing here concerns; this is what lets them pass cheaply. It says
 * `minor: 'no'` only when it is sure: one patient, a birth date, and no resident identity number in PID that makes the
 * holder younger. Where the start of the visit is not given a year more is asked for, as the visit may have begun before.
 */
export function ageAtMessage(input: Uint8Array, options: { readonly zone?: string } = {}): MessageAge {
  const envelope = openEnvelope(input, createIssueLog(0));
  return envelope === undefined ? UNKNOWN : glanceAt(envelope, options.zone ?? DEFAULT_ZONE).age;
}

/** The two segments that tell who and when, where there is one patient, and the age they tell. */
export interface Glance {
  readonly age: MessageAge;
  readonly pid: RawSegment | undefined;
  readonly pv1: RawSegment | undefined;
}

/** As {@link ageAtMessage}, of an opened message, with what was looked at. */
export function glanceAt({ bytes, msh, encoding }: Envelope, zone: string): Glance {
  const line = onlyLine(bytes, 'PID');
  if (line === undefined) return { age: UNKNOWN, pid: undefined, pv1: undefined };
  const visitLine = onlyLine(bytes, 'PV1');
  const pairs = isPaired(encoding.charset);
  const pid = new RawSegment(fieldsOf(line, pairs), 'PID', encoding);
  const pv1 = visitLine === undefined ? undefined : new RawSegment(fieldsOf(visitLine, pairs), 'PV1', encoding);
  const started = pv1?.text(44);
  const at = readTime(started ?? msh.text(7) ?? '', zone);
  return { age: ageOf(pid, line, at, started !== undefined, zone), pid, pv1 };
}

function ageOf(pid: RawSegment, line: string, at: string | undefined, hasStart: boolean, zone: string): MessageAge {
  const birth = parsePartialDate(birthDateOf(pid.text(7) ?? '') ?? '');
  const on = at === undefined ? undefined : dayOf(at, zone);
  if (birth === undefined || on === undefined || isNobodysBirth(birth, on)) return UNKNOWN;
  const years = completedYears(latestBirth(youngest(birth, line)), on);
  if (years >= ADULT_YEARS + (hasStart ? 0 : 1)) return { minor: 'no', years };
  return { minor: completedYears(earliestBirth(birth), on) < ADULT_YEARS ? 'yes' : 'unknown', years };
}

/** The date in the facility's zone; a time written in the law's own zone says it itself. */
function dayOf(time: string, zone: string): CalendarDate | undefined {
  const date = zone === DEFAULT_ZONE && time.endsWith('+08:00') ? parsePartialDate(time.slice(0, 10)) : undefined;
  if (date !== undefined && isCompleteDate(date)) return date;
  const instant = parseInstant(time);
  return instant === undefined ? undefined : localDate(instant, zone);
}

/** Girls come under an adult's birth date: of the dates PID holds the youngest counts. */
function youngest(birth: PartialDate, pid: string): PartialDate {
  let latest = birth;
  for (const [id] of pid.matchAll(RESIDENT_ID)) {
    const check = checkResidentId(id);
    const other = check.valid ? parsePartialDate(check.birthDate) : undefined;
    if (other !== undefined && compareDates(latestBirth(other), latestBirth(latest)) > 0) latest = other;
  }
  return latest;
}

/** The one line of a segment type; `undefined` where there is none, or more than one and so more than one patient. */
function onlyLine(bytes: Buffer, type: string): string | undefined {
  const first = lineStart(bytes, type, 0);
  if (first === -1 || lineStart(bytes, type, first + 1) !== -1) return undefined;
  return lineAt(bytes, first);
}

function lineStart(bytes: Buffer, type: string, from: number): number {
  const separator = bytes[3];
  for (let at = bytes.indexOf(type, from, 'latin1'); at !== -1; at = bytes.indexOf(type, at + 1, 'latin1')) {
    const before = bytes[at - 1];
    if ((before === 0x0d || before === 0x0a) && bytes[at + type.length] === separator) return at;
  }
  return -1;
}
