import type { Collected, Source } from '../facts/collect.js';
import type { Lexicon, TokenKind } from '../text/lexicon.js';
import { type Scan, twice } from '../text/scan.js';
import { Once } from './once.js';
import type { TermTable } from './terms.js';
import { END, type Listener, type Unsaid, type Walker, readAlphabet, walkTerms } from './walk.js';

/** A stretch of a text between full stops, and the terms it says: each once, none that is denied, asked or taught. */
export interface Statement {
  readonly start: number;
  readonly end: number;
  /** Its terms: `terms[first … first + count - 1]` of the reader. */
  readonly first: number;
  readonly count: number;
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

/** A reader over one lexicon and one table of terms. Linear in the text. Not re-entrant. */
export function createStatementReader(lexicon: Lexicon, table: TermTable): StatementReader {
  const kinds = Uint8Array.from(lexicon.meanings, (list) => {
    const has = (...of: readonly TokenKind[]): boolean => list.some(({ kind }) => of.includes(kind));
    return has('keep') ? KEEPS : has(...NOT_SAID) ? DENIES : has(...NOT_SAID_AFTER) ? DENIES_AFTER : 0;
  });
  const walker: Walker = { alphabet: readAlphabet(lexicon), boundaries: lexicon.boundaries, table };
  const counter = new Counter();
  return {
    read(text, scan) {
      counter.open();
      walkTerms(text, [0, text.length], walker, unsaidPlaces(scan, kinds), counter);
      return counter.statements;
    },
    terms: () => counter.terms,
    places(text, scan, { start, end }) {
      const said: TermPlace[] = [];
      let clause: TermPlace[] = [];
      walkTerms(text, [start, end], walker, unsaidPlaces(scan, kinds), {
        term: (term, from, to) => void clause.push({ term, start: from, end: to }),
        clauseEnds(isSaid) {
          if (isSaid) said.push(...clause);
          clause = [];
        },
        statementEnds: () => undefined,
      });
      return said;
    },
    reset: () => counter.reset(),
  };
}

/** Gathers statements and the numbers of their terms. */
class Counter implements Listener {
  terms: Int32Array = new Int32Array(FIRST_CAPACITY);
  statements: Statement[] = [];
  #count = 0;
  readonly #inStatement = new Once();
  #first = 0;
  #clauseFirst = 0;
  #start = 0;

  reset(): void {
    this.#count = 0;
  }

  open(): void {
    this.statements = [];
    this.#start = 0;
    this.#begin();
  }

  term(term: number): void {
    if (!this.#inStatement.isFirst(term)) return;
    if (this.#count === this.terms.length) this.terms = twice(this.terms);
    this.terms[this.#count] = term;
    this.#count += 1;
  }

  clauseEnds(isSaid: boolean): void {
    if (!isSaid) {
      // Another clause of the statement may still say them.
      for (let index = this.#clauseFirst; index < this.#count; index += 1) this.#inStatement.forget(this.terms[index] ?? 0);
      this.#count = this.#clauseFirst;
    }
    this.#clauseFirst = this.#count;
  }

  statementEnds(at: number): void {
    if (this.#count > this.#first)
      this.statements.push({ start: this.#start, end: at, first: this.#first, count: this.#count - this.#first });
    this.#start = at + 1;
    this.#begin();
  }

  #begin(): void {
    this.#inStatement.begin();
    this.#first = this.#count;
    this.#clauseFirst = this.#count;
  }
}

/** Where something is denied, asked or taught. */
function unsaidPlaces({ first, hitCount, readings, starts, ends }: Scan, kinds: Uint8Array): Unsaid {
  const kept: [start: number, end: number][] = [];
  const whole: number[] = [];
  const after: number[] = [];
  for (let hit = first; hit < first + hitCount; hit += 1) {
    const kind = kinds[readings[hit] ?? 0];
    if (kind === DENIES) whole.push(starts[hit] ?? 0);
    else if (kind === DENIES_AFTER) after.push(starts[hit] ?? 0);
    else if (kind === KEEPS) kept.push([starts[hit] ?? 0, ends[hit] ?? 0]);
  }
  if (kept.length > 1) kept.sort(([a], [b]) => a - b);
  return { whole: [...outside(kept, whole), END], after: [...outside(kept, after), END] };
}

/** Those of some places that stand in no stretch, in order. */
function outside(stretches: readonly (readonly [start: number, end: number])[], places: number[]): readonly number[] {
  if (places.length > 1) places.sort((a, b) => a - b);
  if (places.length === 0 || stretches.length === 0) return places;
  let next = 0;
  let coveredTo = -1;
  return places.filter((at) => {
    for (; (stretches[next]?.[0] ?? Number.POSITIVE_INFINITY) <= at; next += 1) coveredTo = Math.max(coveredTo, stretches[next]?.[1] ?? -1);
    return at >= coveredTo;
  });
}
