import { type Clock, DEFAULT_ZONE, formatPartialDate, localDate, parseInstant } from '@zhida/core';

/**
 * A clock that stands at the start of the current day in a zone. An id made with it (`createId('rpt', wholeDayClock(clock))`)
 * tells no time finer than the day: an id carries its birth in milliseconds, and together with the facility that is the
 * reporter's shift (INV-10).
 */
export function wholeDayClock(clock: Clock, zone: string = DEFAULT_ZONE): Clock {
  return {
    now() {
      const now = clock.now();
      return parseInstant(formatPartialDate(localDate(now, zone)), zone) ?? now;
    },
  };
}
