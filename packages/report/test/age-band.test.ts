import { describe, expect, test } from 'vitest';
import { type Report, ageBand, ageBandOf, ageInYears, readReport } from '../src/index.js';

const withPatient = (patient: Report['patient'], createdAt = '2026-11-22T21:00:00+08:00'): Report =>
  readReport({ schemaVersion: '1', reportId: 'rpt_1', mode: 'test', kind: 'initial', createdAt, facility: { name: '院' }, patient }).report;

describe('the age of the child', () => {
  test.each([
    [0, '<1'],
    [1, '1-3'],
    [3, '1-3'],
    [4, '4-6'],
    [7, '7-13'],
    [13, '7-13'],
    [14, '14-15'],
    [17, '16-17'],
    [18, undefined],
  ])('%i years are in the band %s', (years, band) => {
    expect(ageBand(years)).toBe(band);
  });

  test('is counted in 周岁 on the day of the report in Shanghai', () => {
    expect(ageInYears(withPatient({ birthDate: '2012-11-22' }))).toBe(13);
    expect(ageInYears(withPatient({ birthDate: '2012-11-22' }, '2026-11-22T16:30:00Z'))).toBe(14);
  });

  test('comes from the stated age where the birth date is missing or leaves the year open', () => {
    expect(ageInYears(withPatient({ statedAge: '3岁2月' }))).toBe(3);
    expect(ageInYears(withPatient({ birthDate: '2013', statedAge: '13岁' }))).toBe(13);
    expect(ageInYears(withPatient({ birthDate: '2012' }))).toBeUndefined();
    expect(ageInYears(withPatient({ birthDate: '2013-01' }))).toBe(13);
  });

  test('cannot be told from words that are no age', () => {
    expect(ageBandOf(withPatient({ statedAge: '看着挺小' }))).toBeUndefined();
    expect(ageBandOf(withPatient({ ageBand: '4-6' }))).toBe('4-6');
  });
});
