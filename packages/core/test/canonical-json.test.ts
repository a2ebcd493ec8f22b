import { JSON_DEPTH_MAX, canonicalBytes, canonicalJson, fingerprint, isZhidaError } from '@zhida/core';
import canonicalizePackage from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

// The package's types name an ES default export, its file is CommonJS.
const canonicalize = canonicalizePackage as unknown as (value: unknown) => string | undefined;

describe('canonicalJson (RFC 8785)', () => {
  test('writes what the reference implementation writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
    );
  });

  test('sorts by UTF-16 code units and writes the numbers of RFC 8785 appendix B', () => {
    expect(canonicalJson({ '€': 1, '\r': 2, '\uFB33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 })).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\uFB33":3}',
    );
    expect(canonicalJson([-0, 5e-324, 1e21, 1e23, 333333333.3333333, 1e-7])).toBe('[0,5e-324,1e+21,1e+23,333333333.3333333,1e-7]');
  });

  test.each([
    ['undefined', undefined],
    ['a missing member', { a: undefined }],
    ['a hole', Object.assign([], { length: 1 })],
    ['NaN', Number.NaN],
    ['an infinity', [Number.POSITIVE_INFINITY]],
    ['a function', () => 0],
    ['a big integer', 1n],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['half a surrogate pair', '\uD800'],
    ['half a surrogate pair in a key', { '\uDC00': 1 }],
  ])('refuses %s and does not drop it', (_why, value) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'ZD_ERR_JSON_NOT_CANONICAL' }));
  });

  test('refuses what is nested too deep, a circle too', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    const nest = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
    for (const value of [circle, nest(JSON_DEPTH_MAX + 1), nest(200_000)]) {
      expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'ZD_ERR_INPUT_TOO_DEEP' }));
    }
    expect(() => canonicalJson(nest(JSON_DEPTH_MAX))).not.toThrow();
  });

  test('an error holds no value of the record', () => {
    try {
      canonicalJson({ 张小宝: { phone: Number.NaN } });
      expect.unreachable();
    } catch (error) {
      expect(isZhidaError(error)).toBe(true);
      expect(JSON.stringify([String(error), (error as { at?: string }).at])).not.toMatch(/张小宝|phone/);
    }
  });

  test('bytes are UTF-8', () => {
    expect([...canonicalBytes('智')]).toEqual([0x22, 0xe6, 0x99, 0xba, 0x22]);
  });
});

describe('fingerprint', () => {
  test('is SHA-256 of the canonical bytes in lower-case hex', async () => {
    // printf '%s' '{"a":[],"b":1}' | sha256sum
    expect(await fingerprint({ b: 1, a: [] })).toBe('1c8f8816506a8ccbc55140d8a7bb70214a8942c7030fc0fc2914cec675cd1c15');
  });

  test('does not depend on the order of members', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.nat()), async (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(await fingerprint(reversed)).toBe(await fingerprint(value));
      }),
    );
  });
});
