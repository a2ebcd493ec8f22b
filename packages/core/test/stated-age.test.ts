import { parseStatedAge } from '@zhida/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

describe('parseStatedAge', () => {
  test.each([
    ['13岁', 13, 156, 'years', false],
    ['13周岁', 13, 156, 'years', false],
    ['１３岁', 13, 156, 'years', false],
    ['十三岁', 13, 156, 'years', false],
    ['十岁', 10, 120, 'years', false],
    ['约14岁', 14, 168, 'years', true],
    ['14岁左右', 14, 168, 'years', true],
    ['14岁？', 14, 168, 'years', true],
    ['about 15', 15, 180, 'years', true],
    ['9 years', 9, 108, 'years', false],
    ['5 years', 5, 60, 'years', false],
    ['5-year-old', 5, 60, 'years', false],
    ['2 yrs old', 2, 24, 'years', false],
    ['1岁6月', 1, 18, 'months', false],
    ['3岁2月', 3, 38, 'months', false],
    ['3岁零2个月', 3, 38, 'months', false],
    ['1.5岁', 1, 18, 'months', false],
    ['两岁半', 2, 30, 'months', false],
    ['半岁', 0, 6, 'months', false],
    ['8月', 0, 8, 'months', false],
    ['约8月', 0, 8, 'months', true],
    ['10月龄', 0, 10, 'months', false],
    ['两个半月', 0, 2, 'months', false],
    ['18 mo', 1, 18, 'months', false],
    ['13y2m', 13, 158, 'months', false],
  ] as const)('%s', (text, years, months, precision, approximate) => {
    expect(parseStatedAge(text)).toEqual({ years, months, precision, approximate });
  });

  test.each([
    ['28天', 28, 0],
    ['3周', 21, 0],
    ['生后2小时', 0, 0],
    ['3 weeks', 21, 0],
    ['3月12天', 103, 3],
    ['100天', 100, 3],
  ])('%s counts in days', (text, days, months) => {
    expect(parseStatedAge(text)).toEqual({ years: 0, months, days, precision: 'days', approximate: false });
  });

  test.each(['', '13', '岁', '2-3岁', '十二三岁', '虚岁14', '3岁2', '儿童', '1岁1岁', '999岁', '13岁13岁13岁13岁', '成人'])(
    '%j says no age',
    (text) => {
      expect(parseStatedAge(text)).toBeUndefined();
    },
  );

  test('any whole years and months survive writing and reading', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 11 }), (years, months) => {
        expect(parseStatedAge(`${years}岁${months}月`)).toMatchObject({ years, months: years * 12 + months });
      }),
    );
  });

  test('anything at all is read or not, never thrown at', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => void parseStatedAge(text)));
  });
});
