import { invariant } from '@zhida/core';
import type { Concept, ConceptKind, CueKind, RulePack } from '@zhida/packs';
import { INVISIBLE_CODES, SPACE_CODES, buildBoundaries, buildFold, isLatinLetter } from './fold.js';
import { type Automaton, CELL, buildAutomaton } from './automaton.js';
import { INVISIBLE_CLASS, SPACE_CLASS, type Symbols } from './passed-over.js';
import { slipsOf } from './slips.js';
import { type Tail, firstsOf, readTail, sieveOf } from './tails.js';
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
export interface Lexicon extends Symbols {
  /** Shows for every term found a {@link HIT}. */
  readonly automaton: Automaton;
  readonly fold: Uint16Array;
  readonly boundaries: Uint8Array;
  /** By reading: its meanings, concepts by their index, the rest by name. */
  readonly meanings: readonly (readonly TermMeaning[])[];
  /** By reading: how the terms go on that have their head in common, where it is one. */
  readonly tails: readonly (readonly Tail[])[];
  /** By reading: the sieve of its tails. */
  readonly sieves: Int32Array;
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
  /** It is the head of terms that go on behind it. */
  head: 0x800,
  /** It is a term itself. */
  whole: 0x1000,
  /** Bits below the reading. */
  reading: 13,
} as const;

/** Compiles every word of a pack into one automaton. */
export function compileLexicon(pack: RulePack): Lexicon {
  const fold = buildFold(pack.folds);
  const words = new Words(fold, slipsOf(pack.folds));
  pack.concepts.forEach(({ terms }, index) => words.add(terms, { kind: 'concept', concept: index, section: '' }));
  for (const guard of pack.guards) words.add(guard.terms, GUARD);
  for (const { section, terms } of pack.headings) words.add(terms, { kind: 'heading', concept: -1, section });
  for (const [cue, terms] of Object.entries(pack.cues)) words.add(terms, meaningOf(cue as CueKind));
  words.add(pack.gestation.before, meaningOf('gestation'));
  words.add(pack.gestation.after, meaningOf('gestation-after'));
  words.add(pack.gestation.lastPeriod, meaningOf('last-period'));

  const { meanings, tails, hits } = words.read(pack);
  const automaton = buildAutomaton(words.trie, hits);
  const conceptsOf = (isMeant: (kind: ConceptKind | undefined) => boolean): ConceptsOfReadings => {
    const isOne = Uint8Array.from(pack.concepts, ({ kind }) => (isMeant(kind) ? 1 : 0));
    return flatten(meanings, ({ concept }) => (isOne[concept] === 1 ? concept : -1));
  };
  return {
    automaton,
    fold,
    table: buildTable(words.trie, fold),
    spaceSymbol: (words.trie.symbols[0x20] ?? 0) * CELL.size,
    boundaries: buildBoundaries(),
    meanings,
    tails,
    sieves: Int32Array.from(tails, sieveOf),
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
  /** Every meaning added so far; lists name them by their place here. */
  readonly #meanings: TermMeaning[] = [];
  readonly #lists = new Lists();
  /** By term its length and how its edges are, and if it is a head. */
  readonly #shapes: number[] = [];
  /** By term the list of its meanings. */
  readonly #listOfTerms: number[] = [];
  /** By term the list of what goes on behind it, if it is a head: places in the list of rests. */
  readonly #restsOfTerms: number[] = [];
  readonly #restLists = new Lists();
  readonly #rests: { readonly list: number; readonly steps: Tail['steps'] }[] = [];

  readonly #withSlips: ReturnType<typeof slipsOf>;

  constructor(fold: Uint16Array, withSlips: ReturnType<typeof slipsOf>) {
    this.trie = new Trie(fold);
    this.#withSlips = withSlips;
  }

  add(terms: readonly string[], meaning: TermMeaning): void {
    const index = this.#meanings.push(meaning) - 1;
    let term = '';
    let firstRest = 0;
    const see: SeePhrase = (phrase, length, first, last, end) => {
      if (phrase === this.#shapes.length) {
        this.#shapes.push(length | (isLatinLetter(first) ? HIT.latinStart : 0) | (isLatinLetter(last) ? HIT.latinEnd : 0));
        this.#listOfTerms.push(EMPTY);
        this.#restsOfTerms.push(EMPTY);
      }
      if (end === term.length) {
        this.#listOfTerms[phrase] = this.#lists.with(this.#listOfTerms[phrase] ?? EMPTY, index);
        return;
      }
      if (this.#rests.length === firstRest) this.#addRest(term.slice(end), index);
      this.#addHead(phrase, firstRest);
    };
    for (term of this.#withSlips(terms)) {
      firstRest = this.#rests.length;
      this.trie.add(term, see);
    }
  }

  #addRest(rest: string, meaning: number): void {
    this.#rests.push({ list: this.#lists.with(EMPTY, meaning), steps: readTail(rest, (code) => this.trie.symbolOf(code)) });
  }

  #addHead(term: number, rest: number): void {
    this.#restsOfTerms[term] = this.#restLists.with(this.#restsOfTerms[term] ?? EMPTY, rest);
    this.#shapes[term] = (this.#shapes[term] ?? 0) | HIT.head;
  }

  /** The readings, the tails of those that are heads, and a {@link HIT} for every term. */
  read(pack: RulePack): { meanings: TermMeaning[][]; tails: (readonly Tail[])[]; hits: Int32Array } {
    const readings = new Readings(this.#meanings, pack);
    /** By list what a term shows by its meanings, 0 where nobody has asked. */
    const shown = new Int32Array(this.#lists.count);
    const show = (list: number): number => (shown[list] = readings.add(this.#lists.of(list)) | HIT.whole);
    const tails = this.#rests.map(({ list, steps }): Tail => {
      const hit = shown[list] || show(list);
      return { steps, firsts: firstsOf(steps), reading: hit >> HIT.reading, isSubject: (hit & HIT.subject) !== 0 };
    });
    const tailsOfReadings: (readonly Tail[])[] = [];
    const hits = new Int32Array(this.#shapes.length);
    // Most terms are no heads and mean what others mean: a short loop is soon compiled.
    for (let term = 0; term < hits.length; term += 1) {
      const shape = this.#shapes[term] ?? 0;
      const list = this.#listOfTerms[term] ?? EMPTY;
      if ((shape & HIT.head) === 0) hits[term] = shape | (shown[list] || show(list));
    }
    this.#readHeads(readings, tails, tailsOfReadings, hits);
    return { meanings: readings.meanings, tails: readings.meanings.map((_, reading) => tailsOfReadings[reading] ?? NO_TAILS), hits };
  }

  #readHeads(readings: Readings, tails: readonly Tail[], tailsOfReadings: (readonly Tail[])[], hits: Int32Array): void {
    const ofHeads = new Map<number, number>();
    this.#restsOfTerms.forEach((rests, term) => {
      if (rests === EMPTY) return;
      const list = this.#listOfTerms[term] ?? EMPTY;
      // Heads that may mean the same and go on alike share their reading.
      const alike = list * NUMBERS_MAX + rests;
      const hit = ofHeads.get(alike) ?? readings.add(this.#lists.of(list));
      ofHeads.set(alike, hit);
      tailsOfReadings[hit >> HIT.reading] ??= this.#restLists.of(rests).flatMap((rest) => tails[rest] ?? []);
      hits[term] = (this.#shapes[term] ?? 0) | hit | (list === EMPTY ? 0 : HIT.whole);
    });
  }
}

/** Lists of numbers by their number: the same list has the same one. List 0 is empty, every other is a list and one number more. */
class Lists {
  readonly #shorter: number[] = [EMPTY];
  readonly #last: number[] = [-1];
  /** By its number the list of that one alone: most are. */
  readonly #ofOne: number[] = [];
  /** By a list and one number more. */
  readonly #known = new Map<number, number>();

  get count(): number {
    return this.#last.length;
  }

  /** The list with one number more. */
  with(list: number, last: number): number {
    if (list === EMPTY) return (this.#ofOne[last] ??= this.#make(EMPTY, last));
    const key = list * NUMBERS_MAX + last;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = this.#make(list, last);
    this.#known.set(key, made);
    return made;
  }

  #make(list: number, last: number): number {
    this.#shorter.push(list);
    return this.#last.push(last) - 1;
  }

  of(list: number): number[] {
    return list === EMPTY ? [] : [...this.of(this.#shorter[list] ?? EMPTY), this.#last[list] ?? 0];
  }
}

/** Numbers what terms may mean. */
class Readings {
  readonly meanings: TermMeaning[][] = [];
  readonly #all: readonly TermMeaning[];
  readonly #pack: RulePack;

  constructor(all: readonly TermMeaning[], pack: RulePack) {
    this.#all = all;
    this.#pack = pack;
  }

  /** A new reading of these meanings, with what a {@link HIT} says of it. */
  add(list: readonly number[]): number {
    const meanings = list.map((index) => this.#all[index] ?? GUARD).sort(byMeaning);
    const reading = this.meanings.push(meanings) - 1;
    invariant(reading < 1 << (31 - HIT.reading), 'so many readings fit no number');
    return (reading << HIT.reading) | (meanings.some((meaning) => isSubject(meaning, this.#pack)) ? HIT.subject : 0);
  }
}

/** The list of nothing. */
const EMPTY = 0;
/** More meanings, lists and rests than any pack has. */
const NUMBERS_MAX = 1 << 20;

function meaningOf(kind: TokenKind): TermMeaning {
  return { kind, concept: -1, section: '' };
}

const NO_TAILS: readonly Tail[] = [];
const GUARD = meaningOf('guard');
const POSITIVE_KINDS: ReadonlySet<TokenKind> = new Set(['positive', 'positive-after', 'ticked']);

/** Never the pack's own order of terms: what a reader sees must not depend on it. */
export function byMeaning(a: Pick<TermMeaning, 'concept' | 'kind'>, b: Pick<TermMeaning, 'concept' | 'kind'>): number {
  return a.concept - b.concept || (a.kind < b.kind ? -1 : 1);
}

/** A word or an agent alone says nothing. */
export function isHelper(kind: ConceptKind | undefined): boolean {
  return kind === 'word' || kind === 'agent';
}

/** What the lists hold one behind the other, as numbers; -1 is left out. */
export function flatten<T>(lists: readonly Iterable<T>[], numberOf: (item: T) => number): ConceptsOfReadings {
  const start = new Int32Array(lists.length + 1);
  const concepts: number[] = [];
  lists.forEach((list, index) => {
    for (const item of list) {
      const number = numberOf(item);
      if (number >= 0) concepts.push(number);
    }
    start[index + 1] = concepts.length;
  });
  return { start, concepts: Int32Array.from(concepts) };
}

function isSubject(meaning: TermMeaning, { concepts }: RulePack): boolean {
  if (meaning.kind === 'concept') return !isHelper(concepts[meaning.concept]?.kind);
  return meaning.kind === 'gestation' || meaning.kind === 'gestation-after' || meaning.kind === 'last-period';
}

function buildTable({ symbols, symbolCount }: Trie, fold: Uint16Array): Uint16Array {
  invariant(symbolCount * CELL.size < SPACE_CLASS, 'a lexicon of so many characters needs a wider table');
  const table = new Uint16Array(65_536);
  for (let code = 0; code < table.length; code += 1) table[code] = (symbols[fold[code] ?? 0] ?? 0) * CELL.size;
  for (const code of SPACE_CODES) table[code] = SPACE_CLASS;
  for (const code of INVISIBLE_CODES) table[code] = INVISIBLE_CLASS;
  return table;
}
