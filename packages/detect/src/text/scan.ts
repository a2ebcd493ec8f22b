import { nextState } from './automaton.js';
import { isCjk, isLatinLetter } from './fold.js';
import { INVISIBLE_CLASS, type Lexicon, SPACE_CLASS } from './lexicon.js';

/** What one walk over a text found: terms in the order of their ends, `hitCount` of them from `first` on. */
export interface Scan {
  readonly first: number;
  readonly hitCount: number;
  /** True when something is among the hits that can be asserted; without it the text may say nothing by itself. */
  readonly hasSubject: boolean;
  readonly terms: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export interface Scanner {
  /** Walks over a text. The scan holds until the next reset. */
  scan(text: string): Scan;
  /** Gives the arrays of every scan so far free to be used again. */
  reset(): void;
}

/** The hits of every scan since the last reset, one behind the other. */
interface Hits {
  count: number;
  hasSubject: boolean;
  terms: Int32Array;
  starts: Int32Array;
  ends: Int32Array;
}

const FIRST_CAPACITY = 1024;
/** Longer runs of characters with spaces inside are not looked back into; no term is near that long. */
const RUN_CAPACITY = 256;

/** A scanner over one lexicon. Linear in the text; the number of terms does not matter. */
export function createScanner(lexicon: Lexicon): Scanner {
  const hits: Hits = {
    count: 0,
    hasSubject: false,
    terms: new Int32Array(FIRST_CAPACITY),
    starts: new Int32Array(FIRST_CAPACITY),
    ends: new Int32Array(FIRST_CAPACITY),
  };
  const run = new Run();
  return {
    scan(text) {
      const first = hits.count;
      hits.hasSubject = false;
      walk(text, lexicon, hits, run);
      const { hasSubject, terms, starts, ends } = hits;
      return { first, hitCount: hits.count - first, hasSubject, terms, starts, ends };
    },
    reset() {
      hits.count = 0;
    },
  };
}

/** Where the last characters stood that the automaton took a step for: with spaces passed over, a term's start is not its end less its length. */
class Run {
  readonly #places = new Int32Array(RUN_CAPACITY);
  #count = 0;
  /** True while a character has been passed over since the last one that no term has. */
  broken = false;

  break(from: number, to: number): void {
    if (this.broken) return;
    this.broken = true;
    this.#count = 0;
    for (let index = Math.max(from, to - RUN_CAPACITY); index < to; index += 1) this.add(index);
  }

  add(index: number): void {
    this.#places[this.#count % RUN_CAPACITY] = index;
    this.#count += 1;
  }

  /** The place of the character `back` steps before the end. */
  startOf(back: number): number {
    return this.#places[(this.#count - back + RUN_CAPACITY * 2) % RUN_CAPACITY] ?? 0;
  }
}

function walk(text: string, lexicon: Lexicon, hits: Hits, run: Run): void {
  const { table, automaton } = lexicon;
  const { hasOutput } = automaton;
  let state = 0;
  let runStart = 0;
  run.broken = false;
  for (let index = 0; index < text.length; index += 1) {
    let symbol = table[text.charCodeAt(index)] ?? 0;
    if (symbol >= SPACE_CLASS) {
      if (symbol === INVISIBLE_CLASS || isSilentSpace(text, index)) {
        run.break(runStart, index);
        continue;
      }
      symbol = lexicon.spaceSymbol;
    }
    if (symbol === 0) {
      state = 0;
      run.broken = false;
      runStart = index + 1;
      continue;
    }
    if (run.broken) run.add(index);
    state = nextState(automaton, state, symbol);
    if (hasOutput[state] === 1) emit(text, lexicon, hits, run, state, index);
  }
}

function emit(text: string, lexicon: Lexicon, hits: Hits, run: Run, state: number, index: number): void {
  const { outputStart, outputs } = lexicon.automaton;
  const last = outputStart[state + 1] ?? 0;
  for (let output = outputStart[state] ?? 0; output < last; output += 1) {
    const term = outputs[output] ?? 0;
    const length = lexicon.lengths[term] ?? 1;
    const start = run.broken ? run.startOf(length) : index + 1 - length;
    if (isCutOut(text, start, index + 1, lexicon.edges[term] ?? 0)) continue;
    if (hits.count === hits.terms.length) grow(hits);
    hits.terms[hits.count] = term;
    hits.starts[hits.count] = start;
    hits.ends[hits.count] = index + 1;
    hits.count += 1;
    if (lexicon.isSubject[term] === 1) hits.hasSubject = true;
  }
}

/** True for a Latin term inside a longer word: "rape" in "grape". */
function isCutOut(text: string, start: number, end: number, edges: number): boolean {
  if ((edges & 1) !== 0 && start > 0 && isLatinLetter(text.charCodeAt(start - 1))) return true;
  return (edges & 2) !== 0 && end < text.length && isLatinLetter(text.charCodeAt(end));
}

/** A space inside Chinese text, or one after another, is not part of any term: 瘀 斑 is 瘀斑. */
export function isSilentSpace(text: string, index: number): boolean {
  const before = index > 0 ? text.charCodeAt(index - 1) : 0x20;
  const after = index + 1 < text.length ? text.charCodeAt(index + 1) : 0x20;
  return isCjk(before) || isCjk(after) || before === 0x20 || before === 0x3000;
}

/** Scans made so far keep the smaller arrays, which hold what they found. */
function grow(hits: Hits): void {
  for (const name of ['terms', 'starts', 'ends'] as const) {
    const larger = new Int32Array(hits[name].length * 2);
    larger.set(hits[name]);
    hits[name] = larger;
  }
}
