import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { hasOffset, localDate, parseInstant, zoneOffsetMs } from '@zhida/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

describe('parseInstant', () => {
  test.each([
    ['2026-05-03T21:10:00+08:00', '2026-05-03T13:10:00.000Z'],
    ['2026-05-03t13:10:00.5z', '2026-05-03T13:10:00.500Z'],
    ['2026-05-03 21:10', '2026-05-03T13:10:00.000Z'],
    ['2026-05-03', '2026-05-02T16:00:00.000Z'],
    ['2026-05-03T21:10:00+0800', '2026-05-03T13:10:00.000Z'],
    ['2026-05-03T09:10:00.123456-04:00', '2026-05-03T13:10:00.123Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['1989-07-01T12:00:00', '1989-07-01T03:00:00.000Z'],
  ])('%s is %s: a time without an offset is read in Asia/Shanghai', (text, instant) => {
    expect(new Date(parseInstant(text) ?? Number.NaN).toISOString()).toBe(instant);
  });

  test.each(['', '2026', '2026-05', '2026-02-29', '2026-05-03T24:00:00', '2026-05-03T21:60', '2026-05-03T21:10:00+99:00', '3.5.2026', 'x'])(
    '%j is no instant',
    (text) => {
      expect(parseInstant(text)).toBeUndefined();
    },
  );

  test('a time without an offset is read in the zone it is given', () => {
    expect(parseInstant('2026-07-01T12:00:00', 'America/New_York')).toBe(Date.UTC(2026, 6, 1, 16));
    expect(parseInstant('2026-01-01T12:00:00', 'America/New_York')).toBe(Date.UTC(2026, 0, 1, 17));
    // 02:30 on 8 March 2026 does not exist in New York; the offset before the change is taken.
    expect(parseInstant('2026-03-08T02:30:00', 'America/New_York')).toBe(Date.UTC(2026, 2, 8, 7, 30));
    expect([hasOffset('2026-07-01T12:00:00'), hasOffset('2026-07-01T12:00:00Z'), hasOffset('2026-07-01')]).toEqual([false, true, false]);
  });

  test('the quick way for Shanghai says what the time zone database says', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2100, 0, 1) }), (instant) => {
        expect(zoneOffsetMs(instant, 'Asia/Shanghai')).toBe(zoneOffsetMs(instant, 'PRC'));
      }),
    );
  });

  test.each(['Asia/Shanghai', 'UTC', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia'])(
    'in %s a wall-clock time read back is the same date',
    (zone) => {
      fc.assert(
        fc.property(fc.integer({ min: Date.UTC(1995, 0, 1), max: Date.UTC(2100, 0, 1) }), (instant) => {
          const { year, month, day } = localDate(instant, zone);
          const noon = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}T12:00:00`;
          const read = parseInstant(noon, zone) ?? Number.NaN;
          // Apia had no 30 December 2011; every other day has a noon.
          expect(localDate(read, zone)).toEqual({ year, month, day });
        }),
      );
    },
  );

  test('an unknown zone is a configuration error with a stable code', () => {
    expect(() => localDate(0, 'Mars/Olympus')).toThrow(expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID' }));
    expect(() => localDate(Number.NaN)).toThrow(expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID' }));
  });
});

describe('INV-15 the zone of the machine decides nothing', () => {
  const script = fileURLToPath(new URL('./fixtures/ages-in-zone.ts', import.meta.url));
  const run = (zone: string): string =>
    execFileSync(process.execPath, ['--conditions=@zhida/source', '--import', 'tsx', script], {
      env: { ...process.env, TZ: zone },
      encoding: 'utf8',
    });

  test('ages, dates and instants are the same under UTC, Asia/Shanghai and America/New_York', () => {
    const [utc, shanghai, newYork] = ['UTC', 'Asia/Shanghai', 'America/New_York'].map(run);
    expect(utc).toContain('13 167 2026-05-03');
    expect(shanghai).toBe(utc);
    expect(newYork).toBe(utc);
  });
});
