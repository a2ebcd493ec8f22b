import { invariant } from '@zhida/core';
import type { Concept, ConceptKind, CueKind, RulePack } from '@zhida/packs';
import { INVISIBLE_CODES, SPACE_CODES, buildBoundaries, buildFold, isLatinLetter } from './fold.js';
import { type Automaton, CELL, buildAutomaton } from './automaton.js';
import { INVISIBLE_CLASS, SPACE_CLASS, type Symbols } from './passed-over.js';
import { type Tail, firstsOf, readTail } from './tails.js';
import { Trie } from './trie.js';

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
  const words = new Words(fold);
  pack.concepts.forEach(({ terms }, index) => words.add(terms, { kind: 'concept', concept: index, section: '' }));
  for (const guard of pack.guards) words.add(guard.terms, GUARD);
  for (const { section, terms } of pack.headings) words.add(terms, { kind: 'heading', concept: -1, section });
  for (const [cue, terms] of Object.entries(pack.cues)) words.add(terms, meaningOf(cue as CueKind));
  words.add(pack.gestation.before, meaningOf('gestation'));
  words.add(pack.gestation.after, meaningOf('gestation-after'));
  words.add(pack.gestation.lastPeriod, meaningOf('last-period'));

  const { meanings, tails, hits } = words.read(pack);
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
    tails,
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
  readonly #ofTerms: (number | readonly number[])[] = [];
  readonly #shapes: number[] = [];
  /** By term what goes on behind it, if it is a head: places in the list of rests. */
  readonly #restsOfTerms = new Map<number, number[]>();
  readonly #rests: { readonly meaning: number; readonly steps: Tail['steps'] }[] = [];

  constructor(fold: Uint16Array) {
    this.trie = new Trie(fold);
  }

  add(terms: readonly string[], meaning: TermMeaning): void {
    const index = this.#meanings.push(meaning) - 1;
    for (const term of terms) {
      const firstRest = this.#rests.length;
      this.trie.add(term, (phrase, length, first, last, end) => {
        const known = this.#ofTerms[phrase];
        if (known === undefined)
          this.#shapes.push(length | (isLatinLetter(first) ? HIT.latinStart : 0) | (isLatinLetter(last) ? HIT.latinEnd : 0));
        if (end === term.length) this.#ofTerms[phrase] = known === undefined ? index : [known, index].flat();
        else {
          this.#ofTerms[phrase] ??= [];
          if (this.#rests.length === firstRest) this.#addRest(term.slice(end), index);
          this.#addHead(phrase, firstRest);
        }
      });
    }
  }

  #addRest(rest: string, meaning: number): void {
    this.#rests.push({ meaning, steps: readTail(rest, (code) => this.trie.symbolOf(code)) });
  }

  #addHead(term: number, rest: number): void {
    const rests = this.#restsOfTerms.get(term);
    if (rests === undefined) this.#restsOfTerms.set(term, [rest]);
    else rests.push(rest);
  }

  /** The readings, the tails of those that are heads, and a {@link HIT} for every term. */
  read(pack: RulePack): { meanings: TermMeaning[][]; tails: (readonly Tail[])[]; hits: Int32Array } {
    const readings = new Readings(this.#meanings, pack);
    const tails = this.#rests.map(({ meaning, steps }): Tail => {
      const reading = readings.of(meaning);
      return { steps, firsts: firstsOf(steps), reading, isSubject: readings.isSubject[reading] === true };
    });
    const tailsOfReadings: (readonly Tail[])[] = [];
    const hits = new Int32Array(this.#ofTerms.length);
    for (let term = 0; term < hits.length; term += 1) {
      const list = this.#ofTerms[term] ?? [];
      const rests = this.#restsOfTerms.get(term);
      const reading = readings.of(list, rests);
      if (rests !== undefined) tailsOfReadings[reading] = rests.flatMap((rest) => tails[rest] ?? []);
      const isWhole = typeof list === 'number' || list.length > 0;
      hits[term] =
        (this.#shapes[term] ?? 0) |
        (readings.isSubject[reading] === true ? HIT.subject : 0) |
        (isWhole ? HIT.whole : 0) |
        (rests === undefined ? 0 : HIT.head) |
        (reading << HIT.reading);
    }
    return { meanings: readings.meanings, tails: readings.meanings.map((_, reading) => tailsOfReadings[reading] ?? NO_TAILS), hits };
  }
}

/** Numbers what terms may mean, the same for all that may mean the same and go on alike. */
class Readings {
  readonly meanings: TermMeaning[][] = [];
  /** By reading whether one of its meanings can be asserted. */
  readonly isSubject: boolean[] = [];
  readonly #known = new Map<number | string, number>();
  readonly #all: readonly TermMeaning[];
  readonly #pack: RulePack;

  constructor(all: readonly TermMeaning[], pack: RulePack) {
    this.#all = all;
    this.#pack = pack;
  }

  of(list: number | readonly number[], rests?: readonly number[]): number {
    const key = typeof list === 'number' && rests === undefined ? list : `${String(list)}+${String(rests)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const meanings = [list]
      .flat()
      .map((index) => this.#all[index] ?? GUARD)
      .sort(byMeaning);
    const reading = this.meanings.push(meanings) - 1;
    this.isSubject.push(meanings.some((meaning) => isSubject(meaning, this.#pack)));
    this.#known.set(key, reading);
    invariant(reading < 1 << (31 - HIT.reading), 'so many readings fit no number');
    return reading;
  }
}

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

/** Lists one behind the other. */
export function flatten(lists: readonly (readonly number[])[]): ConceptsOfReadings {
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
