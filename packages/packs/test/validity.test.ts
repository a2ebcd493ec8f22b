import { describe, expect, it } from 'vitest';
import { legalPack, nationalRulePack, packValidity, wrongDate } from '@zhida/packs';

const dates = { effectiveFrom: '2026-06-01', effectiveTo: '2027-05-31' };
const on = (time: string): string => packValidity(dates, Date.parse(time));

describe('the days of a pack', () => {
  it('are counted in China, the first and the last among them', () => {
    expect(on('2026-06-01T00:00:00+08:00')).toBe('in-force');
    expect(on('2026-05-31T23:59:59+08:00')).toBe('not-yet');
    expect(on('2027-05-31T23:59:59+08:00')).toBe('in-force');
    expect(on('2027-05-31T16:00:00Z')).toBe('over');
    expect(packValidity({ effectiveFrom: '2026-06-01' }, Date.parse('2099-01-01T00:00:00Z'))).toBe('in-force');
  });

  it('are days, and the last is not before the first', () => {
    expect([nationalRulePack, legalPack, dates].map(wrongDate)).toEqual([undefined, undefined, undefined]);
    expect(wrongDate({ effectiveFrom: 'June' })).toBe('effectiveFrom');
    expect(wrongDate({})).toBe('effectiveFrom');
    expect(wrongDate({ effectiveFrom: '2026-06-01', effectiveTo: '2026-05-31' })).toBe('effectiveTo');
    expect(wrongDate({ effectiveFrom: '2026-06-01', effectiveTo: null })).toBe('effectiveTo');
  });
});
