import { ID_PREFIXES, assertNever, createId, invariant, isId, isoNow } from '@zhida/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const at = (ms: number) => ({ now: () => ms });

describe('ids', () => {
  test('an id is its prefix and a lower-case ULID, safe for queues and URLs', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ID_PREFIXES), fc.nat(4_000_000_000_000), (prefix, ms) => {
        const id = createId(prefix, at(ms));
        expect(id).toMatch(/^[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
        expect(isId(prefix, id)).toBe(true);
        expect(ID_PREFIXES.filter((other) => isId(other, id))).toEqual([prefix]);
      }),
    );
  });

  test('ids of one kind sort by birth', () => {
    fc.assert(
      fc.property(fc.nat(4_000_000_000_000), fc.integer({ min: 1, max: 1_000_000 }), (ms, later) => {
        expect(createId('rpt', at(ms)) < createId('rpt', at(ms + later))).toBe(true);
      }),
    );
  });

  test('ten thousand ids of one millisecond differ', () => {
    expect(new Set(Array.from({ length: 10_000 }, () => createId('dlv', at(1)))).size).toBe(10_000);
  });

  test.each([['rpt_'], ['RPT_01'], [5], [null], ['rpt_81234567890123456789012345'], ['rpt_0123456789012345678901234u']])(
    '%j is no id',
    (value) => {
      expect(isId('rpt', value)).toBe(false);
    },
  );

  test('a clock outside the range of an id is a bug', () => {
    expect(() => createId('rpt', at(-1))).toThrow(TypeError);
  });
});

describe('small words', () => {
  test('isoNow writes the clock in UTC', () => {
    expect(isoNow(at(0))).toBe('1970-01-01T00:00:00.000Z');
  });

  test('a broken invariant is a TypeError with its reason', () => {
    expect(() => invariant(false, 'two is not one')).toThrow(new TypeError('invariant broken: two is not one'));
    expect(() => assertNever('x' as never)).toThrow(TypeError);
  });
});
