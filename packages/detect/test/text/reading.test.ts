import { describe, expect, it } from 'vitest';
import { readAgeBefore, readGestationalAge } from '../../src/text/gestational-age.js';
import { readResult } from '../../src/text/numbers.js';
import { readWrittenDate } from '../../src/text/written-date.js';

describe('a gestational age as written', () => {
  it.each([
    ['32+2周', 226, 226],
    ['12w3d', 87, 87],
    ['8周+3天', 59, 59],
    ['8周3天', 59, 59],
    ['约22周', 154, 160],
    ['5+周', 35, 41],
    ['50天', 50, 50],
    ['50+天', 50, 59],
    ['3月余', 84, 123],
    ['3~4月', 84, 124],
    ['8+6', 62, 62],
    [':十二周', 84, 90],
    ['39 weeks', 273, 279],
  ])('%s is %i to %i days', (text, minDays, maxDays) => expect(readGestationalAge(text, 0)).toMatchObject({ minDays, maxDays }));

  it.each(['2周后复诊', '3周前', '18×12mm', '60周', '囊', '', '1周内', '3 weeks ago'])('%s is none', (text) =>
    expect(readGestationalAge(text, 0)).toBeUndefined(),
  );

  it('stands in front of "weeks pregnant"', () => {
    expect(readAgeBefore('about 21 ', 9)).toMatchObject({ minDays: 147, maxDays: 153 });
    expect(readAgeBefore('20+1 ', 5)).toMatchObject({ minDays: 141, maxDays: 141 });
  });
});

describe('the date of a last period', () => {
  const on = { year: 2026, month: 5, day: 28 };
  it.each([
    [' 2026-04-22', 2026, 4, 22],
    [':2026年4月22日', 2026, 4, 22],
    [' 2026.9.16', 2026, 9, 16],
    ['4月22日', 2026, 4, 22],
    ['9.22', 2025, 9, 22],
    [' 20 may 2026', 2026, 5, 20],
    [' may 20, 2026', 2026, 5, 20],
    [' 2 weeks ago', 2026, 5, 14],
  ])('%s', (text, year, month, day) => expect(readWrittenDate(text, 0, on)?.date).toEqual({ year, month, day }));

  it.each(['不详', ' 2026-13-02', ' 2月30日', '记不清', ''])('%s is none', (text) => expect(readWrittenDate(text, 0, on)).toBeUndefined());
});

describe('a result behind the name of a test', () => {
  it.each([
    ['(+)', true],
    ['阳性', true],
    [': 弱阳性', true],
    [' positive', true],
    ['++', true],
    ['(-)', false],
    [':阴性', false],
    [' negative', false],
    ['±', false],
  ])('%s', (text, positive) => expect(readResult(text, 0)).toMatchObject({ kind: 'sign', positive }));

  it.each([
    ['<1.2 miu/ml', 1.2, '<', 'miu/ml'],
    [' 12,500 iu/l', 12500, '', 'iu/l'],
    [':>200000', 200000, '>', ''],
    [' 18×10^9/l', 18, '', '×10^9/l'],
  ])('%s', (text, value, comparator, unit) => expect(readResult(text, 0)).toMatchObject({ kind: 'number', value, comparator, unit }));

  it('is none in front of other words', () => expect(readResult('复查', 0)).toBeUndefined());
});
