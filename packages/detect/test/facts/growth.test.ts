import { describe, expect, it } from 'vitest';
import { weightForLengthZ } from '../../src/facts/growth.js';

describe('weight for length by the WHO standards', () => {
  it('is zero at the median and agrees with the published -3 SD weights', () => {
    expect(weightForLengthZ('male', 8.4227, 70, false)).toBeCloseTo(0, 5);
    // WHO's tables give 6.6 kg for a boy and 6.2 kg for a girl of 70 cm at −3 SD.
    expect(weightForLengthZ('male', 6.6, 70, false)).toBeCloseTo(-3, 0);
    expect(weightForLengthZ('female', 6.2, 70, false)).toBeCloseTo(-3, 0);
  });

  it('reads a standing child as 0.7 cm longer, and nothing outside the table or without sex', () => {
    expect(weightForLengthZ('female', 12, 90, true)).toBeLessThan(weightForLengthZ('female', 12, 90, false) ?? 0);
    expect(weightForLengthZ('male', 20, 130, true)).toBeUndefined();
    expect(weightForLengthZ('unknown', 8, 70, false)).toBeUndefined();
  });
});
