import { describe, expect, it } from 'vitest';
import { bmiForAgeZ, weightForLengthZ } from '../../src/facts/growth.js';
import { NOW, detector } from '../support.js';

describe('weight for length by the WHO standards', () => {
  // WHO's simplified field tables: the weight at −3 SD, to a tenth of a kilogram.
  it.each([
    ['male', 50, 2.6],
    ['male', 65, 5.7],
    ['male', 70, 6.6],
    ['male', 80, 8.2],
    ['male', 90, 10],
    ['male', 100, 11.9],
    ['female', 50, 2.6],
    ['female', 65, 5.5],
    ['female', 70, 6.3],
    ['female', 80, 7.8],
    ['female', 90, 9.7],
    ['female', 100, 11.6],
  ] as const)('at %s %d cm −3 SD is %d kg', (sex, length, kilograms) => {
    const below = weightForLengthZ(sex, kilograms - 0.1, length, false) ?? 0;
    const above = weightForLengthZ(sex, kilograms + 0.1, length, false) ?? 0;
    expect(below).toBeLessThan(-3);
    expect(above).toBeGreaterThan(-3);
  });

  // Medians of the full table at lengths that stand between two rows of ours.
  it.each([
    ['male', 48.7, 3.0745],
    ['male', 57.5, 5.2721],
    ['male', 87.3, 12.0658],
    ['male', 97, 14.3782],
    ['female', 57.5, 5.2173],
    ['female', 82, 10.514],
    ['female', 93, 13.2158],
    ['female', 107, 17.2269],
  ] as const)('between rows, at %s %d cm, the median of the full table is within a tenth of a SD', (sex, length, median) => {
    expect(Math.abs(weightForLengthZ(sex, median, length, false) ?? 9)).toBeLessThan(0.05);
  });

  it('reads a standing child as 0.7 cm longer, and nothing outside the table or without sex', () => {
    expect(weightForLengthZ('female', 12, 90, true)).toBeLessThan(weightForLengthZ('female', 12, 90, false) ?? 0);
    expect(weightForLengthZ('male', 20, 130, true)).toBeUndefined();
    expect(weightForLengthZ('unknown', 8, 70, false)).toBeUndefined();
  });
});

describe('body mass index for age by the WHO reference', () => {
  // WHO's simplified tables: kg/m² at −3 SD, at −2 SD and at the median.
  it.each([
    ['male', 5, 12.1, 13, 15.3],
    ['male', 10, 12.8, 13.7, 16.4],
    ['male', 15, 14.7, 16, 19.8],
    ['female', 5, 11.8, 12.7, 15.2],
    ['female', 10, 12.4, 13.5, 16.6],
    ['female', 15, 14.4, 15.9, 20.2],
  ] as const)('%s of %d: −3 SD %d, −2 SD %d, median %d', (sex, years, minus3, minus2, median) => {
    // At a height of one metre the weight is the index.
    const z = (index: number): number => bmiForAgeZ(sex, index, 100, years * 12) ?? Number.NaN;
    for (const [index, expected] of [
      [minus3, -3],
      [minus2, -2],
      [median, 0],
    ] as const) {
      expect(z(index - 0.1)).toBeLessThan(expected + 0.03);
      expect(z(index + 0.1)).toBeGreaterThan(expected - 0.03);
    }
  });

  it('is known from 5 to 19 years alone', () => {
    expect(bmiForAgeZ('male', 12, 100, 59)).toBeUndefined();
    expect(bmiForAgeZ('male', 12, 100, 229)).toBeUndefined();
    expect(bmiForAgeZ('other', 12, 100, 120)).toBeUndefined();
  });
});

describe('severe malnutrition by measure', () => {
  const levelOf = (birthDate: string, text: string, sex = 'male'): string =>
    detector.assess(
      {
        id: 'V1',
        period: { start: '2026-06-15T10:00:00+08:00' },
        patient: { sex, birthDate },
        notes: [{ section: 'physical-exam', text }],
      },
      { now: NOW },
    ).level;

  it('is seen at any age, by weight and height or by the arm', () => {
    expect(levelOf('2025-06-01', '体重 6.0kg，身长 70cm')).toBe('orange');
    expect(levelOf('2025-06-01', '上臂围 11.0cm')).toBe('orange');
    expect(levelOf('2016-06-01', '体重 18kg，身高 125cm')).toBe('orange');
    expect(levelOf('2011-06-01', '体重 30kg，身高 155cm', 'female')).toBe('orange');
  });

  it('is not seen in a thin child, a healthy one, a slip of the pen, or where a disease explains it', () => {
    expect(levelOf('2016-06-01', '体重 21.5kg，身高 125cm')).toBe('none');
    expect(levelOf('2016-06-01', '体重 32kg，身高 140cm')).toBe('none');
    expect(levelOf('2016-06-01', '体重 3.2kg，身高 140cm')).toBe('none');
    expect(levelOf('2011-06-01', '神经性厌食，体重 30kg，身高 155cm', 'female')).toBe('yellow');
  });
});
