import { expect, it } from 'vitest';
import { Once } from '../../src/weighing/once.js';

it('tells the first time a number is met in each round, however large it is', () => {
  const once = new Once();
  for (let round = 0; round < 3; round += 1) {
    once.begin();
    expect([7, 7, 100_000, 7, 100_000, 0].map((number) => once.isFirst(number))).toEqual([true, false, true, false, false, true]);
  }
});
