import { type Clock, isZhidaError, localDate, yearsNotKnown } from '@zhida/core';
import { readCalendar } from '../serve/read-calendar.js';
import { type CheckLine, look, right, wrong } from './check.js';

/** Whether the legal clocks of the next 60 days know which days are off and which weekends are worked. */
export async function calendarLine(file: string | undefined, clock: Clock): Promise<CheckLine> {
  try {
    const calendar = await readCalendar(file);
    const missing = yearsNotKnown(clock.now(), calendar);
    if (missing.length > 0) return look('calendarLacks', 'calendarLacks', { years: missing.join(', ') });
    const compared = Object.fromEntries(Object.entries(calendar.years).filter(([, { verified }]) => verified));
    const unverified = yearsNotKnown(clock.now(), { ...calendar, years: compared });
    if (unverified.length > 0) return look('calendarUnverified', 'calendarUnverified', { year: unverified.join(', ') });
    return right('calendar', { year: String(localDate(clock.now()).year) });
  } catch (error) {
    if (!isZhidaError(error)) throw error;
    return wrong('calendarWrong', 'calendarWrong', { at: error.at ?? 'relay.calendar' });
  }
}
