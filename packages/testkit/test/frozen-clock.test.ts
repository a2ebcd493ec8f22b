import { isoNow } from '@zhida/core';
import { describe, expect, it } from 'vitest';
import { frozenClock } from '@zhida/testkit';

describe('frozenClock', () => {
  it('stands still until it is moved', () => {
    const clock = frozenClock('2026-05-03T21:10:00+08:00');
    expect(isoNow(clock)).toBe('2026-05-03T13:10:00.000Z');
    clock.advance(1500);
    expect(isoNow(clock)).toBe('2026-05-03T13:10:01.500Z');
    clock.set('2027-01-01T00:00:00Z');
    expect(isoNow(clock)).toBe('2027-01-01T00:00:00.000Z');
  });

  it('refuses a time without an offset, which would depend on the machine', () => {
    expect(() => frozenClock('2026-05-03T21:10:00')).toThrow(TypeError);
  });
});
