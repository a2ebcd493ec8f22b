import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WeighedTerms } from '../../src/weighing/terms.js';
import { readTerms, writeTerms } from '../../src/weighing/written.js';

const han = fc.integer({ min: 0x3400, max: 0x9fff }).map((code) => String.fromCharCode(code));
const pair = fc.tuple(han, han).map((both) => both.join(''));
const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', 'e'), minLength: 2, maxLength: 12 });
const words = fc.tuple(letters, fc.option(letters)).map(([one, other]) => (other === null ? one : `${one} ${other}`));

function find(table: WeighedTerms, term: string): number {
  if (term.charCodeAt(0) > 0x7f) return table.pair(term.charCodeAt(0), term.charCodeAt(1));
  // Behind other letters, as the words of a text lie.
  const units = Uint16Array.from(`xy${term}`, (letter) => letter.charCodeAt(0));
  return table.word(units, 2, units.length);
}

test('every term is found with its weight as it was written, and nothing else is', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.oneof(pair, words), { maxLength: 200 }), fc.array(fc.oneof(pair, words)), (terms, others) => {
      const weights = Object.fromEntries(terms.map((term, index) => [term, index - 100]));
      const table = new WeighedTerms(readTerms(writeTerms(weights)));
      expect(terms.map((term) => table.weightOf(find(table, term)))).toEqual(Object.values(weights));
      for (const other of others) expect(find(table, other) >= 0).toBe(terms.includes(other));
    }),
  );
});

test('a term is met for the first time once in each statement, and what it weighs stays', () => {
  const table = new WeighedTerms(readTerms(writeTerms({ 甲乙: -700, 乙丙: 700, hit: 3 })));
  const terms = ['甲乙', '乙丙', 'hit'].map((term) => find(table, term));
  for (let statement = 0; statement < 3; statement += 1) {
    table.begin();
    for (const isFirst of [true, false]) for (const term of terms) expect(table.isFirst(term)).toBe(isFirst);
  }
  expect(terms.map((term) => table.weightOf(term))).toEqual([-700, 700, 3]);
});
