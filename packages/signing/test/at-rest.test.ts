import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSealer } from '../src/index.js';

const sealer = createSealer(randomBytes(32));

describe('at rest', () => {
  test('a value opens with its data key, unwrapped from storage, and its words', () => {
    const { dataKey, wrapped } = sealer.newDataKey();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ maxLength: 40 }), (plaintext, aad) => {
        const sealed = sealer.seal(dataKey, plaintext, aad);
        expect(Buffer.from(sealer.open(sealer.unwrap(wrapped), sealed, aad)).equals(plaintext)).toBe(true);
        expect(sealed).toHaveLength(plaintext.length + 29);
      }),
    );
  });

  test('a value never shows in its sealed bytes, and the same value is never sealed alike', () => {
    const { dataKey, wrapped } = sealer.newDataKey();
    const seal = (): string => Buffer.from(sealer.seal(dataKey, Buffer.from('张测试'), 'body')).toString('hex');
    expect(seal()).not.toContain(Buffer.from('张测试').toString('hex'));
    expect(new Set(Array.from({ length: 100 }, seal)).size).toBe(100);
    expect(Buffer.from(wrapped).includes(Buffer.from(dataKey))).toBe(false);
    expect(Buffer.from(sealer.newDataKey().dataKey).equals(dataKey)).toBe(false);
  });

  test('a value moved to another place, another record or another master key does not open', () => {
    const { dataKey, wrapped } = sealer.newDataKey();
    const sealed = sealer.seal(dataKey, Buffer.from('body'), 'rpt_1/body');
    const unreadable = expect.objectContaining({ code: 'ZD_ERR_SEALED_UNREADABLE' });
    expect(() => sealer.open(dataKey, sealed, 'rpt_2/body')).toThrow(unreadable);
    expect(() => sealer.open(sealer.newDataKey().dataKey, sealed, 'rpt_1/body')).toThrow(unreadable);
    expect(() => createSealer(randomBytes(32)).unwrap(wrapped)).toThrow(unreadable);
  });

  test('a wrapped key is no sealed value and a sealed value no wrapped key, even under one key', () => {
    const master = randomBytes(32);
    const one = createSealer(master);
    const { wrapped } = one.newDataKey();
    const unreadable = expect.objectContaining({ code: 'ZD_ERR_SEALED_UNREADABLE' });
    expect(() => one.open(master, wrapped, 'zhida/data-key')).toThrow(unreadable);
    expect(() => one.unwrap(one.seal(master, randomBytes(32), 'zhida/data-key'))).toThrow(unreadable);
  });

  test('any flipped bit, any cut and any added byte is refused', () => {
    const { dataKey, wrapped } = sealer.newDataKey();
    const sealed = sealer.seal(dataKey, Buffer.from('张测试，云溪县'), 'body');
    const unreadable = expect.objectContaining({ name: 'ZhidaError', code: 'ZD_ERR_SEALED_UNREADABLE' });
    for (const [bytes, open] of [
      [sealed, (changed: Uint8Array) => sealer.open(dataKey, changed, 'body')],
      [wrapped, (changed: Uint8Array) => sealer.unwrap(changed)],
    ] as const) {
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const changed = Uint8Array.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => open(changed)).toThrow(unreadable);
      }
      for (let length = 0; length < bytes.length; length += 1) expect(() => open(bytes.subarray(0, length))).toThrow(unreadable);
      expect(() => open(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(unreadable);
    }
  });

  test('there is no sealer without a master key, or with one of another length', () => {
    expect(() => createSealer(undefined)).toThrow(expect.objectContaining({ code: 'ZD_ERR_KEY_MISSING' }));
    for (const length of [0, 16, 31, 33]) {
      expect(() => createSealer(randomBytes(length))).toThrow(expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID' }));
    }
  });
});
