import type { Collected, Source } from '../facts/collect.js';
import type { Lexicon, TokenKind } from '../text/lexicon.js';
import { type Scan, twice } from '../text/scan.js';
import { readAlphabet } from './alphabet.js';
import type { TermTable } from './terms.js';
import { END, type Listener, PLACE, type Unsaid, type Walker, walkTerms } from './walk.js';

/** A stretch of a text between full stops, and the terms it says: each once, none that is denied, asked or taught. */
export interface Statement {
  readonly start: number;
  readonly end: number;
  /** Its terms: `terms[first … first + count - 1]` of the reader. */
  readonly first: number;
  readonly count: number;
  /** What they weigh together. */
  readonly sum: number;
}

/** A term where it stands. */
export interface TermPlace {
  readonly term: number;
  readonly start: number;
  readonly end: number;
}

/** The texts of a record that are weighed: an order or a medicine says what is to be done, not what happened. */
export function weighedSources({ sources }: Pick<Collected, 'sources'>): readonly Source[] {
  return sources.filter(({ at }) => !at.startsWith('orders[') && !at.startsWith('medications['));
}

/** Reads texts into statements; their terms lie one behind the other until the next reset. */
export interface StatementReader {
  read(text: string, scan: Scan): readonly Statement[];
  terms(): Int32Array;
  /** Where the terms of one statement stand, each as often as it is said. */
  places(text: string, scan: Scan, statement: Statement): TermPlace[];
  /** The terms that stand in some texts and that none of them says: only denied, asked, planned or taught. Each once. */
  denied(texts: readonly Pick<Source, 'text' | 'scan'>[]): readonly number[];
  reset(): void;
}

/** What makes the rest of a clause say nothing of its own: it denies, asks, plans or teaches. */
const NOT_SAID_AFTER: readonly TokenKind[] = ['negate', 'hypothetical', 'education', 'question'];
/** What makes all of it say nothing: it denies or asks what went before, or tells of a film. */
const NOT_SAID: readonly TokenKind[] = ['negate-after', 'refuted', 'question-after', 'fiction'];
const DENIES_AFTER = 1;
const DENIES = 2;
/** Looks like a denial and is none: 无明显诱因. */
const KEEPS = 3;
const FIRST_CAPACITY = 1024;

/**
 * A reader over one lexicon, one table of terms that are said and one of terms that are only denied. Linear in the text. Not re-entrant.
 */
export function createStatementReader(lexicon: Lexicon, table: TermTable, deniable: TermTable): StatementReader {
  const kinds = Uint8Array.from(lexicon.meanings, (list) => {
    const has = (...of: readonly TokenKind[]): boolean => list.some(({ kind }) => of.includes(kind));
    return has('keep') ? KEEPS : has(...NOT_SAID) ? DENIES : has(...NOT_SAID_AFTER) ? DENIES_AFTER : 0;
  });
  const { boundaries } = lexicon;
  const walker: Walker = { alphabet: readAlphabet(lexicon), boundaries, table, places: new Int32Array(FIRST_CAPACITY) };
  const walkerOfDenied: Walker = { ...walker, table: deniable };
  const counter = new Counter(table);
  return {
    read(text, scan) {
      counter.open();
      walkTerms(text, [0, text.length], walker, unsaidPlaces(scan, kinds), counter);
      return counter.statements;
    },
    terms: () => counter.terms,
    places(text, scan, { start, end }) {
      const said: TermPlace[] = [];
      const listener = toldEach((term, from, to) => said.push({ term, start: from, end: to }));
      walkTerms(text, [start, end], walker, unsaidPlaces(scan, kinds), listener);
      return said;
    },
    denied(texts) {
      let met: number[] = [];
      const listener = toldEach((term) => deniable.isFirst(term) && met.push(term));
      deniable.begin();
      for (const { text, scan } of texts) walkTerms(text, [0, text.length], walkerOfDenied, unsaidPlaces(scan, kinds), listener);
      met = [];
      for (const { text, scan } of texts)
        walkTerms(text, [0, text.length], walkerOfDenied, unsaidPlaces({ ...scan, hitCount: 0 }, kinds), listener);
      return met;
    },
    reset: () => counter.reset(),
  };
}

/** A listener that is told of each term by itself. */
function toldEach(tell: (term: number, start: number, end: number) => unknown): Listener {
  return {
    clauseSays(places, length) {
      for (let at = 0; at < length; at += PLACE) tell(places[at] ?? 0, places[at + 1] ?? 0, places[at + 2] ?? 0);
    },
    statementEnds: () => undefined,
  };
}

/** Gathers statements and the numbers of their terms. */
class Counter implements Listener {
  terms: Int32Array = new Int32Array(FIRST_CAPACITY);
  statements: Statement[] = [];
  readonly #table: TermTable;
  #count = 0;
  #sum = 0;
  #first = 0;
  #start = 0;

  constructor(table: TermTable) {
    this.#table = table;
  }

  reset(): void {
    this.#count = 0;
  }

  open(): void {
    this.statements = [];
    this.#start = 0;
    this.#begin();
  }

  clauseSays(places: Int32Array, length: number): void {
    for (let at = 0; at < length; at += PLACE) {
      const term = places[at] ?? 0;
      if (!this.#table.isFirst(term)) continue;
      if (this.#count === this.terms.length) this.terms = twice(this.terms);
      this.terms[this.#count] = term;
      this.#count += 1;
      this.#sum += this.#table.weightOf(term);
    }
  }

  statementEnds(at: number): void {
    if (this.#count > this.#first)
      this.statements.push({ start: this.#start, end: at, first: this.#first, count: this.#count - this.#first, sum: this.#sum });
    this.#start = at + 1;
    this.#begin();
  }

  #begin(): void {
    this.#table.begin();
    this.#sum = 0;
    this.#first = this.#count;
  }
}

/** Where something is denied, asked or taught. */
function unsaidPlaces({ first, hitCount, readings, starts, ends }: Scan, kinds: Uint8Array): Unsaid {
  const kept: [start: number, end: number][] = [];
  const whole: number[] = [];
  const after: number[] = [];
  for (let hit = first; hit < first + hitCount; hit += 1) {
    const kind = kinds[readings[hit] ?? 0];
    if (kind === DENIES) putInOrder(whole, starts[hit] ?? 0);
    else if (kind === DENIES_AFTER) putInOrder(after, starts[hit] ?? 0);
    else if (kind === KEEPS) kept.push([starts[hit] ?? 0, ends[hit] ?? 0]);
  }
  if (kept.length > 1) kept.sort(([a], [b]) => a - b);
  return { whole: closed(outside(kept, whole)), after: closed(outside(kept, after)) };
}

/** Hits come by their ends, so that each place has only a few to pass. */
function putInOrder(places: number[], place: number): void {
  let at = places.length;
  for (; at > 0 && (places[at - 1] ?? 0) > place; at -= 1) places[at] = places[at - 1] ?? 0;
  places[at] = place;
}

function closed(places: number[]): readonly number[] {
  places.push(END);
  return places;
}

/** Those of some places, in order, that stand in no stretch. */
function outside(stretches: readonly (readonly [start: number, end: number])[], places: number[]): number[] {
  if (places.length === 0 || stretches.length === 0) return places;
  let next = 0;
  let coveredTo = -1;
  return places.filter((at) => {
    for (; (stretches[next]?.[0] ?? Number.POSITIVE_INFINITY) <= at; next += 1) coveredTo = Math.max(coveredTo, stretches[next]?.[1] ?? -1);
    return at >= coveredTo;
  });
}
