import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nationalRulePack } from '@zhida/packs';
import { type Automaton, CELL, buildAutomaton, meet, nextState } from '../../src/text/automaton.js';
import { buildFold } from '../../src/text/fold.js';
import { compileLexicon } from '../../src/text/lexicon.js';
import { createScanner } from '../../src/text/scan.js';
import { Trie } from '../../src/text/trie.js';

function find(terms: readonly string[], text: string): string[] {
  const trie = new Trie(buildFold([]));
  for (const term of terms) trie.add(term, () => {});
  const values = Int32Array.from(terms, (_, index) => index + 1);
  const automaton = buildAutomaton(trie, values);
  const found: string[] = [];
  let state = 0;
  for (let index = 0; index < text.length; index += 1) {
    state = step(automaton, state, (trie.symbols[text.charCodeAt(index)] ?? 0) * CELL.size);
    for (const value of valuesIn(automaton, state)) found.push(`${index + 1 - (terms[value - 1]?.length ?? 0)}:${value - 1}`);
  }
  return found.sort();
}

function step(automaton: Automaton, from: number, symbol: number): number {
  const next = nextState(automaton, from, symbol);
  if ((automaton.cells[next + CELL.fail] ?? 0) < 0) meet(automaton, next);
  return next;
}

function valuesIn({ cells, outputs }: Automaton, state: number): number[] {
  const values: number[] = [];
  for (let at = cells[state + CELL.outputs] ?? 0; at !== 0; at = outputs[at + 1] ?? 0) values.push(outputs[at] ?? 0);
  return values;
}

function naive(terms: readonly string[], text: string): string[] {
  return terms
    .flatMap((term, index) =>
      Array.from({ length: text.length }, (_, at) => at).flatMap((at) => (text.startsWith(term, at) ? [`${at}:${index}`] : [])),
    )
    .sort();
}

/** Where the terms stand in a text, each place as often as a phrase of theirs is written so. */
function hitsOf(terms: readonly string[]): (text: string) => string[] {
  const pack = { ...nationalRulePack, concepts: [{ id: 'C', kind: 'event', terms } as const], guards: [], cues: {}, headings: [] };
  const lexicon = compileLexicon(pack);
  const scanner = createScanner(lexicon);
  return (text) => {
    scanner.reset();
    const { first, hitCount, readings, starts, ends } = scanner.scan(text);
    return Array.from({ length: hitCount }, (_, index) => first + index)
      .flatMap((hit) => (lexicon.meanings[readings[hit] ?? -1] ?? []).map(({ kind }) => `${starts[hit]}-${ends[hit]} ${kind}`))
      .sort();
  };
}

describe('the automaton', () => {
  it('finds exactly what a search for each term by itself finds', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '虐', '待', ' '), minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.uniqueArray(letters, { minLength: 1, maxLength: 40 }),
        fc.string({ unit: fc.constantFrom('a', 'b', 'c', '虐', '待', ' ', 'x'), maxLength: 60 }),
        (terms, text) => {
          expect(find(terms, text)).toEqual(naive(terms, text));
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each([[['a', ' ']], [['ab', 'ac', 'b']], [['a']], [['ab']]])(
    'is built of few terms, whether or not one state has one child: %j',
    (terms) => {
      expect(find(terms, 'abac b')).toEqual(naive(terms, 'abac b'));
    },
  );

  it('knows every phrase that the choices of a term stand for', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '虐'), maxLength: 2 });
    const term = fc.array(fc.oneof(letters, fc.array(letters, { minLength: 1, maxLength: 3 })), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(term, (parts) => {
        const written = parts.map((part) => (typeof part === 'string' ? part : `{${part.join('|')}}`)).join('');
        const meant = parts.reduce<string[]>(
          (heads, part) => heads.flatMap((head) => (typeof part === 'string' ? [head + part] : part.map((choice) => head + choice))),
          ['x'],
        );
        const trie = new Trie(buildFold([]));
        const lengths: number[] = [];
        trie.add(`X${written}`, (_, length) => lengths.push(length));
        expect(lengths).toEqual(meant.map((phrase) => phrase.length));
        expect(trie.termCount).toBe(new Set(meant).size);
        for (const phrase of meant) trie.add(phrase, (number) => expect(number).toBeLessThan(new Set(meant).size));
      }),
      { numRuns: 100 },
    );
  });

  it('finds a term of very many phrases wherever one of them stands, from its head on', () => {
    const letter = fc.constantFrom('a', 'b', '虐', '待', ' ');
    const choice = fc.string({ unit: letter, maxLength: 2 });
    const steps = fc.array(fc.uniqueArray(choice, { minLength: 2, maxLength: 4 }), { minLength: 3, maxLength: 4 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '虐', '待', ' ', 'x', 'Ａ', '\u200b'), maxLength: 40 });
    fc.assert(
      fc.property(steps, fc.array(text, { minLength: 1, maxLength: 5 }), ([first = [], ...rest], texts) => {
        const inBraces = [first, ...rest].map((choices) => `{${choices.join('|')}}`).join('');
        const written = rest.reduce((heads, choices) => heads.flatMap((head) => choices.map((tail) => head + tail)), [...first]);
        const [short, long] = [hitsOf([`x${inBraces}`]), hitsOf(written.map((phrase) => `x${phrase}`))];
        for (const each of [...texts, `x${written.join('x')}`]) expect(short(each)).toEqual(long(each));
      }),
      { numRuns: 40 },
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
