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

  it('leave open what others make, and what so many words say that looking costs more than reading', () => {
    const places = new Places(3);
    places.add(0, 0, 2);
    expect(places.mayStandTogether(pair)).toBe(false);
    places.addMade(2);
    expect(places.mayStandTogether(pair)).toBe(true);
    places.clear();
    for (let index = 0; index < 100; index += 1) places.add(0, index * 100, index * 100 + 2);
    places.add(1, 50, 52);
    expect(places.mayStandTogether(pair)).toBe(false);
    for (let index = 0; index < 100; index += 1) places.add(1, index * 100 + 50, index * 100 + 52);
    expect(places.mayStandTogether(pair)).toBe(true);
  });
});
