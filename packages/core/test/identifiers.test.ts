import { checkResidentId, checkUscc } from '@zhida/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

describe('checkResidentId (GB 11643-1999)', () => {
  test.each([
    ['11010519491231002X', '1949-12-31', 'female'],
    ['440524188001010014', '1880-01-01', 'male'],
    [' 11010519491231002x ', '1949-12-31', 'female'],
  ])('%s is valid', (value, birthDate, sex) => {
    expect(checkResidentId(value)).toEqual({ valid: true, birthDate, sex });
  });

  test.each([
    ['110105194912310021', 'check-digit'],
    ['110105194913310024', 'birth-date'],
    ['110105201902290029', 'birth-date'],
    ['11010519491231002', 'form'],
    ['010105194912310029', 'form'],
    ['110105491231002', 'form'],
    ['', 'form'],
  ])('%s is not: %s', (value, reason) => {
    expect(checkResidentId(value)).toEqual({ valid: false, reason });
  });

  test('one wrong digit anywhere is noticed', () => {
    fc.assert(
      fc.property(fc.nat(16), fc.integer({ min: 1, max: 9 }), (position, shift) => {
        const digits = '11010519491231002X'.split('');
        digits[position] = String((Number(digits[position]) + shift) % 10);
        expect(checkResidentId(digits.join('')).valid).toBe(false);
      }),
    );
  });
});

describe('checkUscc (GB 32100-2015)', () => {
  test('the example of the standard is valid with 3, not with Z', () => {
    expect([checkUscc('91350100M000100Y43'), checkUscc('91350100m000100y43'), checkUscc('91350100M000100Y4Z')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test.each(['', '91350100M000100Y4', '91350100M000100Y4O', '91350100M000100Y431', '9135O100M000100Y43'])('%j is none', (value) => {
    expect(checkUscc(value)).toBe(false);
  });

  test('of the 31 possible check characters exactly one is right', () => {
    const checks = '0123456789ABCDEFGHJKLMNPQRTUWXY'.split('').filter((check) => checkUscc(`91350100M000100Y4${check}`));
    expect(checks).toEqual(['3']);
  });
});
