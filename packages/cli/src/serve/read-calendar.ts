import { readFile } from 'node:fs/promises';
import { type CalendarDate, isCompleteDate, isWorkingDay, type LegalCalendar, parsePartialDate, ZhidaError } from '@zhida/core';
import { nationalCalendar } from '@zhida/packs';
import { Array as ArrayOf, Boolean as Flag, Object as ObjectOf, Optional, Record as RecordOf, type Static, String as Text } from 'typebox';
import { Check, Errors } from 'typebox/value';

const closed = { additionalProperties: false } as const;
const day = Text({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' });
/** The shape of the calendar that is shipped. */
const CALENDAR_SCHEMA = ObjectOf(
  {
    id: Optional(Text()),
    version: Optional(Text()),
    everyYear: Optional(ArrayOf(Text({ pattern: '^[0-9]{2}-[0-9]{2}$' }))),
    years: RecordOf(
      Text({ pattern: '^[0-9]{4}$' }),
      ObjectOf({ source: Text({ minLength: 1 }), verified: Flag(), holidays: ArrayOf(day), workdays: ArrayOf(day) }, closed),
    ),
  },
  closed,
);
type CalendarFile = Static<typeof CALENDAR_SCHEMA>;

const AT = 'relay.calendar';
const LEAP_YEAR = '2024';
const WEEKENDS: LegalCalendar = { years: {}, everyYear: [] };

/**
 * The legal calendar a relay counts by: the shipped one, with each year of the site's file in the place of the shipped year.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` naming the place in the file: a day that is none or of another year, a day that is both off
 * and worked, a worked day (调休) that is no day of a weekend. A slip here would move every legal clock of the year without a sign.
 */
export async function readCalendar(file: string | undefined): Promise<LegalCalendar> {
  if (file === undefined) return nationalCalendar;
  const own = calendarOf(await readFile(file, 'utf8').catch((cause: unknown) => refuse('the file it names cannot be read', AT, cause)));
  // Of a leap year, so that 29 February is a day like the others.
  for (const [index, date] of (own.everyYear ?? []).entries()) dayOf(`${LEAP_YEAR}-${date}`, LEAP_YEAR, `everyYear[${index}]`, `${AT}: `);
  for (const [year, { holidays, workdays }] of Object.entries(own.years)) {
    for (const [index, date] of holidays.entries()) dayOf(date, year, `holidays[${index}]`);
    for (const [index, date] of workdays.entries()) {
      const at = `workdays[${index}]`;
      if (isWorkingDay(dayOf(date, year, at), WEEKENDS))
        refuse('a worked day (调休) is a Saturday or a Sunday', `${AT}: years.${year}.${at}`);
      if (holidays.includes(date)) refuse('a day is off or worked, not both', `${AT}: years.${year}.${at}`);
    }
  }
  return { years: { ...nationalCalendar.years, ...own.years }, everyYear: own.everyYear ?? nationalCalendar.everyYear };
}

function calendarOf(text: string): CalendarFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return refuse('the file it names is not JSON', AT, cause);
  }
  if (Check(CALENDAR_SCHEMA, value)) return value;
  const [first] = Errors(CALENDAR_SCHEMA, value);
  return refuse('this is missing, wrong or not known here', `${AT}: ${(first?.instancePath ?? '').slice(1).replaceAll('/', '.')}`);
}

function dayOf(text: string, year: string, at: string, under = `${AT}: years.${year}.`): CalendarDate {
  const date = parsePartialDate(text);
  if (date !== undefined && isCompleteDate(date) && text.startsWith(year)) return date;
  return refuse('this is no day of its year', `${under}${at}`);
}

function refuse(why: string, at: string, cause?: unknown): never {
  throw new ZhidaError('ZD_ERR_OPTION_INVALID', why, { at, cause });
}
