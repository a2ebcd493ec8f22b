import { nextState } from './automaton.js';
import { isCjk, isLatinLetter } from './fold.js';
import { INVISIBLE_CLASS, type Lexicon, SPACE_CLASS } from './lexicon.js';

/** What one walk over a text found: terms in the order of their ends. The arrays belong to the scanner and are used again. */
export interface Scan {
  hitCount: number;
  /** True when something is among the hits that can be asserted; without it the text is done. */
  hasSubject: boolean;
  terms: Int32Array;
  starts: Int32Array;
  ends: Int32Array;
}

export type Scanner = (text: string) => Scan;

const FIRST_CAPACITY = 1024;
/** Longer runs of characters with spaces inside are not looked back into; no term is near that long. */
const RUN_CAPACITY = 256;

/** A scanner over one lexicon. Linear in the text; the number of terms does not matter. */
export function createScanner(lexicon: Lexicon): Scanner {
  const scan: Scan = {
    hitCount: 0,
    hasSubject: false,
    terms: new Int32Array(FIRST_CAPACITY),
    starts: new Int32Array(FIRST_CAPACITY),
    ends: new Int32Array(FIRST_CAPACITY),
  };
  const run = new Run();
  return (text) => {
    scan.hitCount = 0;
    scan.hasSubject = false;
    walk(text, lexicon, scan, run);
    return scan;
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

function walk(text: string, lexicon: Lexicon, scan: Scan, run: Run): void {
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
    if (hasOutput[state] === 1) emit(text, lexicon, scan, run, state, index);
  }
}

function emit(text: string, lexicon: Lexicon, scan: Scan, run: Run, state: number, index: number): void {
  const { outputStart, outputs } = lexicon.automaton;
  const last = outputStart[state + 1] ?? 0;
  for (let output = outputStart[state] ?? 0; output < last; output += 1) {
    const term = outputs[output] ?? 0;
    const length = lexicon.lengths[term] ?? 1;
    const start = run.broken ? run.startOf(length) : index + 1 - length;
    if (isCutOut(text, start, index + 1, lexicon.edges[term] ?? 0)) continue;
    if (scan.hitCount === scan.terms.length) grow(scan);
    scan.terms[scan.hitCount] = term;
    scan.starts[scan.hitCount] = start;
    scan.ends[scan.hitCount] = index + 1;
    scan.hitCount += 1;
    if (lexicon.isSubject[term] === 1) scan.hasSubject = true;
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

function grow(scan: Scan): void {
  for (const name of ['terms', 'starts', 'ends'] as const) {
    const larger = new Int32Array(scan[name].length * 2);
    larger.set(scan[name]);
    scan[name] = larger;
  }
}
