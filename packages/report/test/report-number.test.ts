import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ReportNumber, checkReportNumber, formatReportNumber, parseReportNumber } from '../src/index.js';

const numbers: fc.Arbitrary<ReportNumber> = fc.record({
  regionCode: fc.stringMatching(/^[1-9]\d{5}$/),
  date: fc.record({
    year: fc.integer({ min: 2000, max: 2099 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 28 }),
  }),
  hospitalIndex: fc.integer({ min: 1, max: 99 }),
  serial: fc.integer({ min: 1, max: 999_999_999 }),
});

describe('a report number', () => {
  test('is region, date, hospital and serial with the check digit of ISO 7064 MOD 11,10', () => {
    const number = formatReportNumber({ regionCode: '440232', date: { year: 2026, month: 11, day: 22 }, hospitalIndex: 3, serial: 7 });
    expect(number).toBe('440232-261122-030007-5');
    expect(checkReportNumber(number)).toBe(true);
  });

  test('agrees with the definition of ISO 7064: the digits of a number, worked through from the left, end at 1', () => {
    fc.assert(
      fc.property(numbers, (parts) => {
        const digits = Array.from(formatReportNumber(parts).replaceAll('-', ''), Number);
        // §8: P starts at 10; S = P + digit, P = 2 × (S mod 10, or 10 if that is 0) mod 11; at the last digit S mod 10 is 1.
        const product = digits.slice(0, -1).reduce((p, digit) => (2 * ((p + digit) % 10 === 0 ? 10 : (p + digit) % 10)) % 11, 10);
        expect((product + (digits.at(-1) ?? 0)) % 10).toBe(1);
      }),
    );
  });

  test('can be read back', () => {
    fc.assert(
      fc.property(numbers, (parts) => {
        expect(parseReportNumber(` ${formatReportNumber(parts)} `)).toEqual(parts);
      }),
    );
  });

  test('any single wrong digit is caught', () => {
    fc.assert(
      fc.property(numbers, fc.nat(), fc.integer({ min: 1, max: 9 }), (parts, position, shift) => {
        const number = formatReportNumber(parts);
        const places = number.split('').flatMap((character, index) => (character === '-' ? [] : [index]));
        const place = places[position % places.length] ?? 0;
        const wrong = String((Number(number[place]) + shift) % 10);
        expect(checkReportNumber(number.slice(0, place) + wrong + number.slice(place + 1))).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    '',
    '440232-261122-030007',
    '440232261122030007-5',
    '440232-261322-030007-5',
    '440232-260230-030007-0',
    '4a0232-261122-030007-5',
    '440232-261122-00007-5',
  ])('%j is none', (text) => {
    expect(checkReportNumber(text)).toBe(false);
  });

  test.each([
    ['regionCode', { regionCode: '4402' }],
    ['date', { date: { year: 2026, month: 2, day: 30 } }],
    ['date', { date: { year: 1999, month: 1, day: 1 } }],
    ['hospitalIndex', { hospitalIndex: 100 }],
    ['hospitalIndex', { hospitalIndex: 0 }],
    ['serial', { serial: 0 }],
    ['serial', { serial: 1.5 }],
  ])('is not made with a bad %s', (at, change) => {
    const good = { regionCode: '440232', date: { year: 2026, month: 11, day: 22 }, hospitalIndex: 3, serial: 7 };
    expect(() => formatReportNumber({ ...good, ...change })).toThrow(expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID', at }));
  });
});
