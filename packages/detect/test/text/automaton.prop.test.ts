import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nationalRulePack } from '@zhida/packs';
import { type Automaton, buildAutomaton } from '../../src/text/automaton.js';
import { compileLexicon } from '../../src/text/lexicon.js';
import { createScanner } from '../../src/text/scan.js';

function find(automaton: Automaton, terms: readonly string[], text: string): string[] {
  const found: string[] = [];
  let state = 0;
  for (let index = 0; index < text.length; index += 1) {
    const symbol = automaton.classes[text.charCodeAt(index)] ?? 0;
    const cellOf = (from: number): number => ((automaton.base[from] ?? 0) + symbol) * 2;
    while (state !== 0 && automaton.cells[cellOf(state)] !== state) state = automaton.fail[state] ?? 0;
    state = state === 0 ? (automaton.root[symbol] ?? 0) : (automaton.cells[cellOf(state) + 1] ?? 0);
    for (let at = automaton.outputStart[state] ?? 0; at < (automaton.outputStart[state + 1] ?? 0); at += 1) {
      const term = automaton.outputs[at] ?? 0;
      found.push(`${index + 1 - (terms[term]?.length ?? 0)}:${term}`);
    }
  }
  return found.sort();
}

function naive(terms: readonly string[], text: string): string[] {
  return terms
    .flatMap((term, index) =>
      Array.from({ length: text.length }, (_, at) => at).flatMap((at) => (text.startsWith(term, at) ? [`${at}:${index}`] : [])),
    )
    .sort();
}

describe('the automaton', () => {
  it('finds exactly what a search for each term by itself finds', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '虐', '待', ' '), minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.uniqueArray(letters, { minLength: 1, maxLength: 40 }),
        fc.string({ unit: fc.constantFrom('a', 'b', 'c', '虐', '待', ' ', 'x'), maxLength: 60 }),
        (terms, text) => {
          expect(find(buildAutomaton(terms), terms, text)).toEqual(naive(terms, text));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('reads a text whose every character is part of a term without losing one', () => {
    const scanner = createScanner(compileLexicon(nationalRulePack));
    expect(scanner.scan('瘀斑'.repeat(20_000)).hitCount).toBe(20_000);
    expect(scanner.scan('瘀斑').hitCount).toBe(1);
  });

  it('reads Latin terms as whole words and Chinese ones anywhere', () => {
    const scanner = createScanner(compileLexicon(nationalRulePack));
    expect(scanner.scan('scraped grapes therapeutic').hasSubject).toBe(false);
    expect(scanner.scan('患儿被虐待了').hasSubject).toBe(true);
  });
});
