import { invariant } from '@zhida/core';
import type { Concept, ConceptKind, CueKind, RulePack } from '@zhida/packs';
import { INVISIBLE_CODES, SPACE_CODES, buildBoundaries, buildFold, isLatinLetter } from './fold.js';
import { type Automaton, CELL, buildAutomaton } from './automaton.js';
import { type SeePhrase, Trie } from './trie.js';

/** What a term is to the reader of clauses. */
export type TokenKind = 'concept' | 'guard' | 'heading' | 'gestation' | 'gestation-after' | 'last-period' | CueKind;

/** One thing a term of the automaton stands for. */
export interface TermMeaning {
  readonly kind: TokenKind;
  /** Index of the concept, -1 for other kinds. */
  readonly concept: number;
  /** Section a heading opens, empty for other kinds. */
  readonly section: string;
}

/** Concepts of reading `r`: `concepts[start[r] … start[r + 1] - 1]`. */
export interface ConceptsOfReadings {
  readonly start: Int32Array;
  readonly concepts: Int32Array;
}

/** A reading is all that a term may mean; most terms share theirs with others, and it is by its number that a scan names it. */
export interface Lexicon {
  /** Shows for every term found a {@link HIT}. */
  readonly automaton: Automaton;
  readonly fold: Uint16Array;
  /** The symbol of every code unit as it comes, not yet folded; {@link SPACE_CLASS} and {@link INVISIBLE_CLASS} stand apart. */
  readonly table: Uint16Array;
  /** Symbol of the space inside Latin terms, 0 when no term has one. */
  readonly spaceSymbol: number;
  readonly boundaries: Uint8Array;
  /** By reading: its meanings, concepts by their index, the rest by name. */
  readonly meanings: readonly (readonly TermMeaning[])[];
  /** The concepts of each reading: all of them, those that can be asserted, and those that only help others. */
  readonly all: ConceptsOfReadings;
  readonly subjects: ConceptsOfReadings;
  readonly helpers: ConceptsOfReadings;
  /** Those whose kind is a test. */
  readonly tests: ConceptsOfReadings;
  /** By reading: 1 for a cue that can make the result of a test positive wherever it stands, a word or a ticked box. */
  readonly positives: Uint8Array;
  readonly concepts: readonly Concept[];
  readonly conceptIndex: ReadonlyMap<string, number>;
}

/** A space: part of a Latin term, nothing in Chinese text. Above every symbol a pack can have. */
export const SPACE_CLASS = 65_534;
/** A character that is walked over without a step. */
export const INVISIBLE_CLASS = 65_535;

/** How what a scan needs to know of a term is packed into one number: its length, flags, and above them its reading. */
export const HIT = {
  length: 0xff,
  /** A Latin letter may not stand before the term. */
  latinStart: 0x100,
  /** A Latin letter may not stand after it. */
  latinEnd: 0x200,
  edges: 0x300,
  /** One of its meanings can be asserted. */
  subject: 0x400,
  /** Bits below the reading. */
  reading: 11,
} as const;

/** Compiles every word of a pack into one automaton. */
export function compileLexicon(pack: RulePack): Lexicon {
  const fold = buildFold(pack.folds);
  const words = new Words(fold);
  pack.concepts.forEach(({ terms }, index) => words.add(terms, { kind: 'concept', concept: index, section: '' }));
  for (const guard of pack.guards) words.add(guard.terms, GUARD);
  for (const { section, terms } of pack.headings) words.add(terms, { kind: 'heading', concept: -1, section });
  for (const [cue, terms] of Object.entries(pack.cues)) words.add(terms, meaningOf(cue as CueKind));
  words.add(pack.gestation.before, meaningOf('gestation'));
  words.add(pack.gestation.after, meaningOf('gestation-after'));
  words.add(pack.gestation.lastPeriod, meaningOf('last-period'));

  const { meanings, hits } = words.read(pack);
  const automaton = buildAutomaton(words.trie, hits);
  const conceptsOf = (isMeant: (kind: ConceptKind | undefined) => boolean): ConceptsOfReadings =>
    flatten(
      meanings.map((list) => list.map(({ concept }) => concept).filter((concept) => concept >= 0 && isMeant(pack.concepts[concept]?.kind))),
    );
  return {
    automaton,
    fold,
    table: buildTable(words.trie, fold),
    spaceSymbol: (words.trie.symbols[0x20] ?? 0) * CELL.size,
    boundaries: buildBoundaries(),
    meanings,
    all: conceptsOf(() => true),
    subjects: conceptsOf((kind) => !isHelper(kind)),
    helpers: conceptsOf(isHelper),
    tests: conceptsOf((kind) => kind === 'test'),
    positives: Uint8Array.from(meanings, (list) => (list.some(({ kind }) => POSITIVE_KINDS.has(kind)) ? 1 : 0)),
    concepts: pack.concepts,
    conceptIndex: new Map(pack.concepts.map(({ id }, index) => [id, index])),
  };
}

/** The terms of a pack with what each of them means, gathered term by term. */
class Words {
  readonly trie: Trie;
  /** Every meaning added so far; terms name them by their place here. */
  readonly #meanings: TermMeaning[] = [];
  /** By term the meanings it has: mostly one, which then needs no list. */
  readonly #ofTerms: (number | number[])[] = [];
  readonly #shapes: number[] = [];

  constructor(fold: Uint16Array) {
    this.trie = new Trie(fold);
  }

  add(terms: readonly string[], meaning: TermMeaning): void {
    const index = this.#meanings.push(meaning) - 1;
    const see: SeePhrase = (term, length, first, last) => {
      const known = this.#ofTerms[term];
      if (known === undefined) {
        this.#ofTerms.push(index);
        this.#shapes.push(length | (isLatinLetter(first) ? HIT.latinStart : 0) | (isLatinLetter(last) ? HIT.latinEnd : 0));
      } else if (typeof known === 'number') this.#ofTerms[term] = [known, index];
      else known.push(index);
    };
    for (const term of terms) this.trie.add(term, see);
  }

  /** The readings, and a {@link HIT} for every term. */
  read(pack: RulePack): { meanings: TermMeaning[][]; hits: Int32Array } {
    const readings = new Map<number | string, number>();
    const meanings: TermMeaning[][] = [];
    const subjects: boolean[] = [];
    const hits = new Int32Array(this.#ofTerms.length);
    for (let term = 0; term < hits.length; term += 1) {
      const list = this.#ofTerms[term] ?? [];
      const key = typeof list === 'number' ? list : list.join();
      let reading = readings.get(key);
      if (reading === undefined) {
        reading = meanings.length;
        readings.set(key, reading);
        const all = (typeof list === 'number' ? [list] : list).map((index) => this.#meanings[index] ?? GUARD).sort(byMeaning);
        meanings.push(all);
        subjects.push(all.some((meaning) => isSubject(meaning, pack)));
      }
      hits[term] = (this.#shapes[term] ?? 0) | (subjects[reading] === true ? HIT.subject : 0) | (reading << HIT.reading);
    }
    return { meanings, hits };
  }
}

function meaningOf(kind: TokenKind): TermMeaning {
  return { kind, concept: -1, section: '' };
}

const GUARD = meaningOf('guard');
const POSITIVE_KINDS: ReadonlySet<TokenKind> = new Set(['positive', 'positive-after', 'ticked']);

/** Never the pack's own order of terms: what a reader sees must not depend on it. */
function byMeaning(a: TermMeaning, b: TermMeaning): number {
  return a.concept - b.concept || (a.kind < b.kind ? -1 : 1);
}

/** A word or an agent alone says nothing. */
export function isHelper(kind: ConceptKind | undefined): boolean {
  return kind === 'word' || kind === 'agent';
}

function flatten(lists: readonly (readonly number[])[]): ConceptsOfReadings {
  const start = new Int32Array(lists.length + 1);
  lists.forEach((list, index) => {
    start[index + 1] = (start[index] ?? 0) + list.length;
  });
  return { start, concepts: Int32Array.from(lists.flat()) };
}

function isSubject(meaning: TermMeaning, { concepts }: RulePack): boolean {
  if (meaning.kind === 'concept') return !isHelper(concepts[meaning.concept]?.kind);
  return meaning.kind === 'gestation' || meaning.kind === 'gestation-after' || meaning.kind === 'last-period';
}

function buildTable({ symbols, symbolCount }: Trie, fold: Uint16Array): Uint16Array {
  invariant(symbolCount * CELL.size < SPACE_CLASS, 'a lexicon of so many characters needs a wider table');
  const table = new Uint16Array(65_536);
  for (let code = 0; code < table.length; code += 1) {
    if (INVISIBLE_CODES.has(code)) table[code] = INVISIBLE_CLASS;
    else table[code] = SPACE_CODES.has(code) ? SPACE_CLASS : (symbols[fold[code] ?? 0] ?? 0) * CELL.size;
  }
  return table;
}
