import {
  type CalendarDate,
  addDays,
  ageBounds,
  ageOn,
  compareDates,
  completedMonths,
  completedYears,
  daysBetween,
  daysInMonth,
  formatPartialDate,
  parsePartialDate,
} from '@zhida/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyDay } from './arbitraries.js';

function day(text: string): CalendarDate {
  return parsePartialDate(text) as CalendarDate;
}

describe('周岁 (法释〔2006〕1号 art. 2: from the day after the birthday)', () => {
  test.each([
    ['on the 14th birthday a child is still 13', '2012-05-03', '2026-05-03', 13, 167],
    ['the day after it is 14', '2012-05-03', '2026-05-04', 14, 168],
    ['on the 18th birthday still a minor', '2008-11-22', '2026-11-22', 17, 215],
    ['on the day of birth nothing is completed', '2026-05-03', '2026-05-03', 0, 0],
    ['on the monthly birthday the month is not yet completed', '2026-05-03', '2026-06-03', 0, 0],
    ['the day after it is', '2026-05-03', '2026-06-04', 0, 1],
    ['born on 29 February: not older on 28 February of a common year', '2012-02-29', '2026-02-28', 13, 167],
    ['born on 29 February: a year older from 1 March', '2012-02-29', '2026-03-01', 14, 168],
    ['born on 29 February: in a leap year not on the birthday itself', '2012-02-29', '2028-02-29', 15, 191],
    ['born on 29 February: in a leap year from 1 March too', '2012-02-29', '2028-03-01', 16, 192],
    ['born on 28 February of a common year: 29 February counts as the day after', '2010-02-28', '2028-02-29', 18, 216],
    ['born on a 31st: the month ends on the 30th', '2026-01-31', '2026-04-30', 0, 2],
    ['born on a 31st: completed on the 1st after', '2026-01-31', '2026-05-01', 0, 3],
    ['a birth in the future is age 0', '2027-01-01', '2026-05-03', 0, 0],
  ])('%s', (_why, birth, on, years, months) => {
    expect([completedYears(day(birth), day(on)), completedMonths(day(birth), day(on))]).toEqual([years, months]);
  });

  test('never falls as days pass, and grows by at most one', () => {
    fc.assert(
      fc.property(anyDay, fc.nat(12_000), (birth, days) => {
        const today = addDays(birth, days);
        const tomorrow = addDays(today, 1);
        const growth = completedMonths(birth, tomorrow) - completedMonths(birth, today);
        expect(growth === 0 || growth === 1).toBe(true);
        expect(completedYears(birth, today)).toBe(Math.floor(completedMonths(birth, today) / 12));
      }),
    );
  });

  test('a later birth is never an older child', () => {
    fc.assert(
      fc.property(anyDay, fc.nat(400), fc.nat(9_000), (birth, later, days) => {
        const on = addDays(birth, days);
        expect(completedMonths(addDays(birth, later), on)).toBeLessThanOrEqual(completedMonths(birth, on));
      }),
    );
  });

  test('a partial date bounds every day it may mean', () => {
    fc.assert(
      fc.property(anyDay, fc.nat(9_000), fc.boolean(), (birth, days, monthKnown) => {
        const on = addDays(birth, days);
        const partial = monthKnown ? { year: birth.year, month: birth.month } : { year: birth.year };
        const { min, max } = ageBounds(partial, on);
        const age = ageOn(birth, on);
        for (const unit of ['years', 'months', 'days'] as const) {
          expect(min[unit]).toBeLessThanOrEqual(age[unit]);
          expect(age[unit]).toBeLessThanOrEqual(max[unit]);
        }
      }),
    );
  });

  test('a complete date has one age, and a year alone spans two', () => {
    const on = day('2026-05-03');
    expect(ageBounds(day('2012-05-03'), on)).toEqual({ min: ageOn(day('2012-05-03'), on), max: ageOn(day('2012-05-03'), on) });
    const { min, max } = ageBounds({ year: 2012 }, on);
    expect([min.years, max.years]).toEqual([13, 14]);
    expect(ageBounds({ year: 2026 }, on).min).toEqual({ years: 0, months: 0, days: 0 });
  });
});

describe('partial dates', () => {
  test('every real day survives writing and reading', () => {
    fc.assert(
      fc.property(anyDay, (date) => {
        expect(parsePartialDate(formatPartialDate(date))).toEqual(date);
        expect(date.day).toBeLessThanOrEqual(daysInMonth(date.year, date.month));
      }),
    );
    expect([parsePartialDate('2019'), parsePartialDate('2019-02')]).toEqual([{ year: 2019 }, { year: 2019, month: 2 }]);
  });

  test.each(['', '19', '0000', '2019-13', '2019-02-29', '2019-2-3', '2019-02-03T00:00', ' 2019', '20190203', '2019-00'])(
    '%j is no date',
    (text) => {
      expect(parsePartialDate(text)).toBeUndefined();
    },
  );

  test('adding days and counting them are one another’s inverse', () => {
    fc.assert(
      fc.property(anyDay, fc.integer({ min: -20_000, max: 20_000 }), (date, days) => {
        const moved = addDays(date, days);
        expect(daysBetween(date, moved)).toBe(days);
        expect(Math.sign(compareDates(moved, date))).toBe(Math.sign(days));
      }),
    );
  });
});
