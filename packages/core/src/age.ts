import { type CalendarDate, type PartialDate, compareDates, daysBetween, daysInMonth } from './calendar.js';

/** An age in completed units; the three say the same age, they are not to be added. */
export interface Age {
  readonly years: number;
  readonly months: number;
  readonly days: number;
}

/** The lowest and the highest age a partly known birth date allows. */
export interface AgeBounds {
  readonly min: Age;
  readonly max: Age;
}

/**
 * Completed months, counted like 周岁 from the day AFTER the monthly birthday; 0 before that and for a birth in the future.
 *
 * A birthday that its month does not have (29, 30, 31) falls on the last day of the month (民法典 art. 203), so the
 * next age begins on the first day of the month after.
 */
export function completedMonths(birth: CalendarDate, on: CalendarDate): number {
  const calendarMonths = (on.year - birth.year) * 12 + (on.month - birth.month);
  return Math.max(0, on.day > birth.day ? calendarMonths : calendarMonths - 1);
}

/**
 * 周岁: completed years, counted from the day AFTER the birthday (法释〔2006〕1号 art. 2). On the 14th birthday itself a child is
 * still 13, on the 18th birthday still a minor. A child of 29 February is a year older from 1 March of every year.
 */
export function completedYears(birth: CalendarDate, on: CalendarDate): number {
  return Math.floor(completedMonths(birth, on) / 12);
}

/** Days since birth, 0 on the day of birth and before it. */
export function completedDays(birth: CalendarDate, on: CalendarDate): number {
  return Math.max(0, daysBetween(birth, on));
}

/** Years, months and days completed on a day. */
export function ageOn(birth: CalendarDate, on: CalendarDate): Age {
  return { years: completedYears(birth, on), months: completedMonths(birth, on), days: completedDays(birth, on) };
}

/**
 * What a partly known birth date allows: `min` if the child was born as late as possible, `max` if as early as possible.
 * Equal for a complete date. Nobody is born after `on`, so the latest birth is at most that day.
 */
export function ageBounds(birth: PartialDate, on: CalendarDate): AgeBounds {
  const latest = latestBirth(birth);
  return { min: ageOn(compareDates(latest, on) > 0 ? on : latest, on), max: ageOn(earliestBirth(birth), on) };
}

/** Years beyond which nobody lives. */
const LIFESPAN_YEARS_MAX = 120;

/** True for a birth date that no patient has: `0001-01-01` and `1900-01-01` are what systems write where they know none. */
export function isNobodysBirth(birth: PartialDate, on: CalendarDate): boolean {
  return completedYears(latestBirth(birth), on) > LIFESPAN_YEARS_MAX;
}

/** The earliest day a partial date may mean. */
export function earliestBirth(birth: PartialDate): CalendarDate {
  return { year: birth.year, month: birth.month ?? 1, day: birth.day ?? 1 };
}

/** The latest day a partial date may mean. */
export function latestBirth(birth: PartialDate): CalendarDate {
  const month = birth.month ?? 12;
  return { year: birth.year, month, day: birth.day ?? daysInMonth(birth.year, month) };
}
