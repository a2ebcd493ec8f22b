import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Places } from '../../src/facts/places.js';

const pair = { first: Int32Array.of(0), others: [Int32Array.of(1, 2)], within: 10, ordered: false };

describe('places', () => {
  it('tell concepts that stand near each other from those that do not, in either order unless one is asked for', () => {
    const places = new Places(3);
    places.add(0, 40, 42);
    expect(places.mayStandTogether(pair)).toBe(false);
    places.add(2, 27, 29);
    expect(places.mayStandTogether(pair)).toBe(false);
    places.add(1, 28, 30);
    expect(places.mayStandTogether(pair)).toBe(true);
    expect(places.mayStandTogether({ ...pair, ordered: true })).toBe(false);
    places.add(1, 52, 54);
    expect(places.mayStandTogether({ ...pair, ordered: true })).toBe(true);
  });

  it('never bring words of two texts together, and forget a record when they are cleared', () => {
    const places = new Places(3);
    places.add(0, 0, 2);
    places.nextText(2);
    places.add(1, 0, 2);
    expect(places.mayStandTogether(pair)).toBe(false);
    places.add(0, 3, 4);
    expect(places.mayStandTogether(pair)).toBe(true);
    places.clear();
    expect(places.mayStandTogether(pair)).toBe(false);
  });

  it('leave open what others make', () => {
    const places = new Places(3);
    places.add(0, 0, 2);
    expect(places.mayStandTogether(pair)).toBe(false);
    places.addMade(2);
    expect(places.mayStandTogether(pair)).toBe(true);
  });

  it('are told apart however often each is said: a record that says the same over and over opens no rule that it does not open once', () => {
    const places = new Places(3);
    for (let index = 0; index < 10_000; index += 1) places.add(0, index * 100, index * 100 + 2);
    for (let index = 0; index < 10_000; index += 1) places.add(1, index * 100 + 50, index * 100 + 52);
    expect(places.mayStandTogether(pair)).toBe(false);
    places.add(2, 777_703, 777_705);
    expect(places.mayStandTogether(pair)).toBe(true);
  });

  it('are compared as if each word were compared with each', () => {
    const word = fc.record({ concept: fc.nat(2), start: fc.nat(200), length: fc.integer({ min: 1, max: 12 }) });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), fc.nat(20), fc.boolean(), (words, within, ordered) => {
        const places = new Places(3);
        for (const { concept, start, length } of words) places.add(concept, start, start + length);
        const isBeside = (first: (typeof words)[number], other: (typeof words)[number]): boolean =>
          other.start <= first.start + first.length + within &&
          (ordered ? other.start >= first.start : other.start + other.length >= first.start - within);
        const expected = words.some((first) => first.concept !== 2 && words.some((other) => other.concept === 2 && isBeside(first, other)));
        expect(places.mayStandTogether({ first: Int32Array.of(0, 1), others: [Int32Array.of(2)], within, ordered })).toBe(expected);
      }),
    );
  });
});
