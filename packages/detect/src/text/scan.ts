import { type Automaton, CELL, meet } from './automaton.js';
import { isLatinLetter } from './fold.js';
import { HIT, type Lexicon } from './lexicon.js';
import { SPACE_CLASS, type Symbols, isPassedOver } from './passed-over.js';
import { type Tail, bitOf, followTail, mayFollow, nextSymbol } from './tails.js';

/** What one walk over a text found: readings in the order of their ends or of the ends of their heads, `hitCount` of them from `first` on. */
export interface Scan {
  readonly first: number;
  readonly hitCount: number;
  /** True when something is among the hits that can be asserted; without it the text may say nothing by itself. */
  readonly hasSubject: boolean;
  /** What the term that was found may mean: numbers of the lexicon's readings. */
  readonly readings: Int32Array;
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
  /** {@link HIT.subject} where one of the hits can be asserted. */
  subject: number;
  readings: Int32Array;
  starts: Int32Array;
  ends: Int32Array;
  /** What {@link walk} found in the text at hand. */
  found: Int32Array;
}

const FIRST_CAPACITY = 1024;
/** Numbers that {@link walk} writes of a state in which a term ends. */
const FOUND = 3;

/** A scanner over one lexicon. Linear in the text; the number of terms does not matter. */
export function createScanner(lexicon: Lexicon): Scanner {
  const hits: Hits = {
    count: 0,
    subject: 0,
    readings: new Int32Array(FIRST_CAPACITY),
    starts: new Int32Array(FIRST_CAPACITY),
    ends: new Int32Array(FIRST_CAPACITY),
    found: new Int32Array(FIRST_CAPACITY),
  };
  return {
    scan(text) {
      const first = hits.count;
      hits.subject = 0;
      emit(text, lexicon, hits, walk(text, lexicon, hits));
      const { subject, readings, starts, ends } = hits;
      return { first, hitCount: hits.count - first, hasSubject: subject !== 0, readings, starts, ends };
    },
    reset() {
      hits.count = 0;
    },
  };
}

/**
 * Walks once over the text and gives how much it found: of every state in which a term ends three numbers, where in the
 * outputs its terms are, the place behind it, and the place of the last character passed over before.
 */
function walk(text: string, { table, spaceSymbol, automaton }: Lexicon, hits: Hits): number {
  const { cells, firstDeep } = automaton;
  // A bundler makes variables of a module's constants, which would be looked up for every character.
  const { base: toBase, fail: toFail, outputs: toOutputs } = CELL;
  const firstSpecial = SPACE_CLASS;
  const { length } = text;
  if (hits.found.length < length * FOUND) hits.found = new Int32Array(length * FOUND * 2);
  const { found } = hits;
  let foundCount = 0;
  let state = 0;
  let base = 0;
  let passedOver = -1;
  for (let index = 0; index < length; ) {
    let symbol = symbolAt(text, table, index);
    if (symbol >= firstSpecial) {
      if (isPassedOver(symbol, text, index)) {
        passedOver = index;
        index += 1;
        continue;
      }
      symbol = spaceSymbol;
    }
    // From here to the next space: nothing but this is done for every character of a record, and no function is called that is not written out by an engine.
    do {
      // The step of `nextState`, written out.
      let cell = (base & -2) + symbol;
      while (cells[cell] !== state) {
        if (state < firstDeep) {
          cell = symbol;
          break;
        }
        state = cells[state + toFail] ?? 0;
        cell = ((cells[state + toBase] ?? 0) & -2) + symbol;
      }
      state = cell;
      base = cells[cell + toBase] ?? 0;
      index += 1;
      if (isEnd(automaton, cell, base)) {
        found[foundCount] = cells[state + toOutputs] ?? 0;
        found[foundCount + 1] = index;
        found[foundCount + 2] = passedOver;
        foundCount += FOUND;
      }
      symbol = index < length ? symbolAt(text, table, index) : firstSpecial;
    } while (symbol < firstSpecial);
  }
  return foundCount;
}

function symbolAt(text: string, table: Uint16Array, index: number): number {
  return table[text.charCodeAt(index)] ?? 0;
}

/** Whether a term ends in a state that may not have been met. */
function isEnd(automaton: Automaton, state: number, base: number): boolean {
  if ((base & 1) === 0) return false;
  return (automaton.cells[state + CELL.fail] ?? 0) >= 0 || (meet(automaton, state) & 1) !== 0;
}

/** Makes hits of the states found. */
function emit(text: string, lexicon: Lexicon, hits: Hits, foundCount: number): void {
  const { sieves, automaton } = lexicon;
  const { outputs } = automaton;
  const { length: lengthMask, edges, whole, subject: canBeAsserted, reading: lengthAndFlags } = HIT;
  const { found } = hits;
  let { count, subject, readings, starts, ends } = hits;
  for (let at = 0; at < foundCount; at += FOUND) {
    const end = found[at + 1] ?? 0;
    const passedOver = found[at + 2] ?? 0;
    /** The sieves of the heads. */
    let heads = 0;
    for (let output = found[at] ?? 0; output !== 0; output = outputs[output + 1] ?? 0) {
      const hit = outputs[output] ?? 0;
      heads |= sieves[hit >> lengthAndFlags] ?? 0;
      if ((hit & whole) === 0) continue;
      const length = hit & lengthMask;
      const start = end - length > passedOver ? end - length : startOf(text, lexicon.table, end, length);
      if ((hit & edges) !== 0 && isCutOut(text, start, end, hit)) continue;
      if (count === readings.length) ({ readings, starts, ends } = grow(hits));
      readings[count] = hit >> lengthAndFlags;
      starts[count] = start;
      ends[count] = end;
      count += 1;
      subject |= hit & canBeAsserted;
    }
    if (!mayGoOn(heads, text, lexicon, end)) continue;
    hits.count = count;
    hits.subject = subject;
    emitTails(text, lexicon, hits, at);
    ({ count, subject, readings, starts, ends } = hits);
  }
  hits.count = count;
  hits.subject = subject;
}

/** Whether one of the tails of this sieve may stand behind a head that ends here. */
function mayGoOn(sieve: number, text: string, symbols: Symbols, headEnd: number): boolean {
  return sieve !== 0 && (sieve & bitOf(nextSymbol(text, symbols, headEnd))) !== 0;
}

/** Makes hits of the terms whose heads end in a state that was found. */
function emitTails(text: string, lexicon: Lexicon, hits: Hits, at: number): void {
  const { outputs } = lexicon.automaton;
  const headEnd = hits.found[at + 1] ?? 0;
  const next = nextSymbol(text, lexicon, headEnd);
  for (let output = hits.found[at] ?? 0; output !== 0; output = outputs[output + 1] ?? 0) {
    const hit = outputs[output] ?? 0;
    if ((hit & HIT.head) === 0) continue;
    for (const tail of lexicon.tails[hit >> HIT.reading] ?? []) {
      if (mayFollow(tail, next)) emitTail(text, lexicon, hits, hit, headEnd, tail);
    }
  }
}

function emitTail(text: string, lexicon: Lexicon, hits: Hits, hit: number, headEnd: number, tail: Tail): void {
  const start = startOf(text, lexicon.table, headEnd, hit & HIT.length);
  if (isCutOut(text, start, headEnd, hit & HIT.latinStart)) return;
  const tailEnds: number[] = [];
  followTail(text, lexicon, tail, headEnd, tailEnds);
  for (const end of tailEnds) {
    if (isLatinLetter(lexicon.fold[text.charCodeAt(end - 1)] ?? 0) && isCutOut(text, start, end, HIT.latinEnd)) continue;
    if (hits.count === hits.readings.length) grow(hits);
    hits.readings[hits.count] = tail.reading;
    hits.starts[hits.count] = start;
    hits.ends[hits.count] = end;
    hits.count += 1;
    if (tail.isSubject) hits.subject = HIT.subject;
  }
}

/** Where a term of so many characters begins that ends here: with characters passed over, not at its end less its length. */
function startOf(text: string, table: Uint16Array, end: number, length: number): number {
  let start = end;
  for (let left = length; left > 0; ) {
    start -= 1;
    const symbol = table[text.charCodeAt(start)] ?? 0;
    if (symbol < SPACE_CLASS || !isPassedOver(symbol, text, start)) left -= 1;
  }
  return start;
}

/** True for a Latin term inside a longer word: "rape" in "grape". */
function isCutOut(text: string, start: number, end: number, hit: number): boolean {
  if ((hit & HIT.latinStart) !== 0 && start > 0 && isLatinLetter(text.charCodeAt(start - 1))) return true;
  return (hit & HIT.latinEnd) !== 0 && end < text.length && isLatinLetter(text.charCodeAt(end));
}

/** Scans made so far keep the smaller arrays, which hold what they found. */
function grow(hits: Hits): Hits {
  hits.readings = twice(hits.readings);
  hits.starts = twice(hits.starts);
  hits.ends = twice(hits.ends);
  return hits;
}

/** A longer array that begins with what is in this one. */
export function twice(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
