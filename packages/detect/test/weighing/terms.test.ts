import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTermTable } from '../../src/weighing/terms.js';

const han = fc.integer({ min: 0x3400, max: 0x9fff }).map((code) => String.fromCharCode(code));
const pair = fc.tuple(han, han).map((both) => both.join(''));
const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', 'e'), minLength: 2, maxLength: 12 });
const words = fc.tuple(letters, fc.option(letters)).map(([one, other]) => (other === null ? one : `${one} ${other}`));

function find(table: ReturnType<typeof createTermTable>, term: string): number {
  if (term.charCodeAt(0) > 0x7f) return table.pair(term.charCodeAt(0), term.charCodeAt(1));
  // Behind other letters, as the words of a text lie.
  const units = Uint16Array.from(`xy${term}`, (letter) => letter.charCodeAt(0));
  return table.word(units, 2, units.length);
}

test('every term is found by its number, and nothing else is', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.oneof(pair, words), { maxLength: 200 }), fc.array(fc.oneof(pair, words)), (terms, others) => {
      const table = createTermTable(terms);
      expect(terms.map((term) => find(table, term))).toEqual(terms.map((_, number) => number));
      for (const other of others) expect(find(table, other)).toBe(terms.indexOf(other));
    }),
  );
});
