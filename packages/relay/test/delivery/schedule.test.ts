import { describe, expect, test } from 'vitest';
import { retryAfterSeconds, rungSeconds, waitMs } from '../../src/delivery/schedule.js';
import { DELIVERY_DEFAULTS, dividedBy, resolveDelivery } from '../../src/delivery/settings.js';

const START = Date.parse('2026-11-22T12:30:00Z');

/** The instants of the first attempts of a delivery nobody ever receipts. */
function instants(count: number, random: () => number, settings = DELIVERY_DEFAULTS): string[] {
  let at = START;
  return Array.from({ length: count }, (_, rung) => {
    const instant = new Date(at).toISOString();
    at += waitMs(settings, rung, random);
    return instant;
  });
}

describe('the retry ladder', () => {
  test('falls on these instants, and goes on hourly for ever', () => {
    expect(instants(13, () => 0)).toEqual([
      '2026-11-22T12:30:00.000Z',
      '2026-11-22T12:30:05.000Z',
      '2026-11-22T12:30:20.000Z',
      '2026-11-22T12:30:50.000Z',
      '2026-11-22T12:31:50.000Z',
      '2026-11-22T12:33:50.000Z',
      '2026-11-22T12:38:50.000Z',
      '2026-11-22T12:48:50.000Z',
      '2026-11-22T13:18:50.000Z',
      '2026-11-22T14:18:50.000Z',
      '2026-11-22T15:18:50.000Z',
      '2026-11-22T16:18:50.000Z',
      '2026-11-22T17:18:50.000Z',
    ]);
  });

  test('a year later it still rings every hour', () => {
    const year = instants(24 * 365 + 9, () => 0);
    const [last, before] = [year.at(-1), year.at(-2)];
    expect(Date.parse(last ?? '') - Date.parse(before ?? '')).toBe(3_600_000);
    expect(last).toBe('2027-11-22T13:18:50.000Z');
  });

  test('chance is only added, and never more than a tenth', () => {
    for (let rung = 0; rung < 20; rung += 1) {
      const plain = rungSeconds(DELIVERY_DEFAULTS, rung) * 1000;
      expect(waitMs(DELIVERY_DEFAULTS, rung, () => 0)).toBe(plain);
      expect(waitMs(DELIVERY_DEFAULTS, rung, () => 0.5)).toBe(plain * 1.05);
      expect(waitMs(DELIVERY_DEFAULTS, rung, () => 1)).toBe(Math.round(plain * 1.1));
    }
  });

  test('the fault profile is the same ladder, a hundred times faster', () => {
    const slow = instants(13, () => 0).map((instant) => Date.parse(instant) - START);
    const fast = instants(13, () => 0, dividedBy(DELIVERY_DEFAULTS, 100)).map((instant) => Date.parse(instant) - START);
    expect(fast).toEqual(slow.map((milliseconds) => milliseconds / 100));
  });
});

describe('Retry-After', () => {
  test('lengthens a wait, up to the next rung and no further', () => {
    const wait = (rung: number, asked: number): number => waitMs(DELIVERY_DEFAULTS, rung, () => 0, asked) / 1000;
    expect(wait(0, 2)).toBe(5);
    expect(wait(0, 12)).toBe(12);
    expect(wait(0, 900)).toBe(15);
    expect(wait(7, 3000)).toBe(3000);
    expect(wait(8, 86_400)).toBe(3600);
  });

  test.each([
    ['120', 120],
    [' 7 ', 7],
    ['Sun, 22 Nov 2026 12:31:00 GMT', 60],
    ['Sun, 22 Nov 2026 12:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
  ])('%s is read as %s seconds', (header, seconds) => {
    expect(retryAfterSeconds(header, START)).toBe(seconds);
  });
});

describe('delivery settings', () => {
  test('a lease that does not outlast the HTTP time-out and its margin is refused at construction', () => {
    expect(() => resolveDelivery({ leaseMs: 19_999, attemptTimeoutMs: 15_000, leaseMarginMs: 5_000 })).toThrow(
      expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID', at: 'delivery.leaseMs' }),
    );
    expect(resolveDelivery({ leaseMs: 20_000, attemptTimeoutMs: 15_000, leaseMarginMs: 5_000 }).leaseMs).toBe(20_000);
  });

  test.each([
    [{ ladderSeconds: [] }, 'delivery.ladderSeconds'],
    [{ ladderSeconds: [5, 0] }, 'delivery.ladderSeconds'],
    [{ thenEverySeconds: Number.NaN }, 'delivery.thenEverySeconds'],
    [{ jitterRatio: 0.2 }, 'delivery.jitterRatio'],
    [{ jitterRatio: -0.1 }, 'delivery.jitterRatio'],
    [{ sweepPerEndpoint: 1.5 }, 'delivery.sweepPerEndpoint'],
    [{ concurrency: 0 }, 'delivery.concurrency'],
  ])('%j is refused, naming %s', (options, at) => {
    expect(() => resolveDelivery(options)).toThrow(expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID', at }));
  });
});
