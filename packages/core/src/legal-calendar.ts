import { addDays, type CalendarDate, dayNumber, formatPartialDate } from './calendar.js';
import { DEFAULT_ZONE, localDate, parseInstant } from './time.js';

/** Days off and days moved of one year, as a notice of the State Council sets them each autumn for the next year. */
export interface LegalCalendarYear {
  /** The notice the days were taken from. */
  readonly source: string;
  /** True once somebody compared every day with the notice itself. */
  readonly verified: boolean;
  /** Weekdays and weekend days that are off, `YYYY-MM-DD`. */
  readonly holidays: readonly string[];
  /** Weekend days that are worked (调休), `YYYY-MM-DD`. */
  readonly workdays: readonly string[];
}

/** Which days are working days: data of a jurisdiction, because nobody can compute next year's. */
export interface LegalCalendar {
  readonly years: Readonly<Record<string, LegalCalendarYear>>;
  /** `MM-DD` that are off in every year, also one whose notice is not here yet. */
  readonly everyYear: readonly string[];
}

/** Hours in which a recipient's people are at work, by the wall clock of the zone. */
export interface ServiceHours {
  readonly days: 'working' | 'every';
  /** `HH:MM`, before `to`. */
  readonly from: string;
  /** `HH:MM`; `24:00` is the end of the day. */
  readonly to: string;
}

/** When a period ends, and whether the calendar knew every day of it. */
export interface LegalDeadline {
  /** The first instant after the last day. */
  readonly endsAtMs: number;
  /** False if a day fell in a year whose notice is not in the calendar: weekends and the fixed days off were used. */
  readonly known: boolean;
}

/** A period of days never runs longer than this past its nominal end: the longest holiday has nine days. */
const EXTENSION_DAYS_MAX = 31;
/** The notice for a year comes in the November before it. */
const AHEAD_DAYS = 60;
const SERVICE_DAYS_MAX = 366;
const MS_PER_MINUTE = 60_000;

/** True if offices work on this day. */
export function isWorkingDay(date: CalendarDate, calendar: LegalCalendar): boolean {
  const text = formatPartialDate(date);
  const year = calendar.years[text.slice(0, 4)];
  if (year?.workdays.includes(text) === true) return true;
  if (year?.holidays.includes(text) === true || calendar.everyYear.includes(text.slice(5))) return false;
  // 1970-01-01, day 0, was a Thursday.
  const weekday = (((dayNumber(date) + 4) % 7) + 7) % 7;
  return weekday !== 0 && weekday !== 6;
}

/**
 * The end of a period of days: it starts on the day after the event, and a last day that is no working day moves to the next
 * one that is (刑事诉讼法 art. 105 as the pack cites it).
 */
export function legalDeadline(fromMs: number, days: number, calendar: LegalCalendar, zone: string = DEFAULT_ZONE): LegalDeadline {
  const started = localDate(fromMs, zone);
  let last = addDays(started, days);
  for (let moved = 0; moved < EXTENSION_DAYS_MAX && !isWorkingDay(last, calendar); moved += 1) last = addDays(last, 1);
  return { endsAtMs: startOfDay(addDays(last, 1), zone), known: unknownYears(started.year, last.year, calendar).length === 0 };
}

/** The years, of those today and the next 60 days are in, whose notice is not in the calendar: deadlines there are counted by weekends and fixed days off. */
export function yearsNotKnown(nowMs: number, calendar: LegalCalendar, zone: string = DEFAULT_ZONE): readonly string[] {
  const today = localDate(nowMs, zone);
  return unknownYears(today.year, addDays(today, AHEAD_DAYS).year, calendar);
}

function unknownYears(first: number, last: number, calendar: LegalCalendar): string[] {
  const years = Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
  return years.filter((year) => !Object.hasOwn(calendar.years, year));
}

/**
 * The instant at which some minutes of service have passed. Without hours every minute counts; with hours only those in which
 * somebody is there, so that nobody is called at night for an office that opens in the morning.
 */
export function afterServiceMinutes(
  fromMs: number,
  minutes: number,
  { hours, calendar, zone = DEFAULT_ZONE }: { hours?: ServiceHours | undefined; calendar: LegalCalendar; zone?: string },
): number {
  let leftMs = minutes * MS_PER_MINUTE;
  if (hours === undefined) return fromMs + leftMs;
  let date = localDate(fromMs, zone);
  for (let day = 0; day < SERVICE_DAYS_MAX; day += 1) {
    if (hours.days === 'every' || isWorkingDay(date, calendar)) {
      const midnight = startOfDay(date, zone);
      const opens = Math.max(midnight + minutesOf(hours.from) * MS_PER_MINUTE, fromMs);
      const closes = midnight + minutesOf(hours.to) * MS_PER_MINUTE;
      if (closes - opens >= leftMs) return opens + leftMs;
      leftMs -= Math.max(0, closes - opens);
    }
    date = addDays(date, 1);
  }
  // Hours that never open: nobody can be waited for.
  return fromMs + minutes * MS_PER_MINUTE;
}

function minutesOf(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return hour * 60 + minute;
}

function startOfDay(date: CalendarDate, zone: string): number {
  // A day of the calendar always parses; the fallback is for a zone that skipped the day.
  return parseInstant(formatPartialDate(date), zone) ?? dayNumber(date) * 86_400_000;
}
