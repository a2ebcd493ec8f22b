import { describe, expect, test } from 'vitest';
import { afterServiceMinutes, isWorkingDay, type LegalCalendar, legalDeadline } from '../src/index.js';

/** The spring festival of an invented year, in the form of a real one. */
const calendar: LegalCalendar = {
  everyYear: ['01-01', '10-01'],
  years: {
    '2026': {
      source: 'test',
      verified: true,
      holidays: ['2026-02-16', '2026-02-17', '2026-02-18', '2026-02-19', '2026-02-20'],
      workdays: ['2026-02-14', '2026-02-28'],
    },
  },
};
const at = (text: string): number => Date.parse(text);
const date = (text: string): { year: number; month: number; day: number } => {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return { year, month, day };
};

describe('working days', () => {
  test.each([
    ['2026-02-13', true, 'an ordinary Friday'],
    ['2026-02-14', true, 'a Saturday that is worked (调休)'],
    ['2026-02-15', false, 'a Sunday'],
    ['2026-02-17', false, 'a Tuesday that is off'],
    ['2027-01-01', false, 'a fixed day off of a year whose notice is not known'],
    ['2027-01-04', true, 'an ordinary Monday of such a year'],
  ])('%s is %s: %s', (day, working) => {
    expect(isWorkingDay(date(day), calendar)).toBe(working);
  });
});

describe('a period of days', () => {
  test.each([
    ['2026-03-02T09:00:00+08:00', 3, '2026-03-06T00:00:00+08:00', 'starts on the next day and ends with its last one'],
    ['2026-03-02T23:59:59+08:00', 3, '2026-03-06T00:00:00+08:00', 'does not ask for the hour of the event'],
    ['2026-03-04T09:00:00+08:00', 3, '2026-03-10T00:00:00+08:00', 'whose last day is a Saturday ends on Monday'],
    [
      '2026-02-13T20:00:00+08:00',
      3,
      '2026-02-24T00:00:00+08:00',
      'whose last day is in the festival ends on the first working day after it',
    ],
    ['2026-02-25T20:00:00+08:00', 3, '2026-03-01T00:00:00+08:00', 'may end on a Saturday that is worked'],
  ])('from %s over %i days ends at %s: %s', (from, days, end) => {
    expect(legalDeadline(at(from), days, calendar)).toEqual({ endsAtMs: at(end), known: true });
  });

  test('that runs into a year without a notice says that it was not known', () => {
    expect(legalDeadline(at('2026-12-29T09:00:00+08:00'), 3, calendar)).toEqual({
      endsAtMs: at('2027-01-05T00:00:00+08:00'),
      known: false,
    });
  });
});

describe('service hours', () => {
  const hours = { days: 'working', from: '08:30', to: '17:30' } as const;
  test.each([
    ['2026-03-02T09:00:00+08:00', 30, '2026-03-02T09:30:00+08:00', 'inside of them every minute counts'],
    ['2026-03-02T02:00:00+08:00', 30, '2026-03-02T09:00:00+08:00', 'before them the clock waits for the morning'],
    ['2026-03-02T17:20:00+08:00', 30, '2026-03-03T08:50:00+08:00', 'the rest is counted on the next working day'],
    ['2026-02-14T17:30:00+08:00', 30, '2026-02-23T09:00:00+08:00', 'the festival has no hours'],
  ])('from %s, %i minutes end at %s: %s', (from, minutes, end) => {
    expect(new Date(afterServiceMinutes(at(from), minutes, { hours, calendar })).toISOString()).toBe(new Date(end).toISOString());
  });

  test('a recipient without hours is there around the clock', () => {
    expect(afterServiceMinutes(at('2026-02-17T02:00:00+08:00'), 10, { calendar })).toBe(at('2026-02-17T02:10:00+08:00'));
  });
});
