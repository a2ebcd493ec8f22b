import { BOUNDARY, isCjk, isDigit, isLatinLetter } from './fold.js';
import { BOUNDARY_SHIFT, CLASS_MASK, type Lexicon, SKIP_CLASS } from './lexicon.js';

/**
 * What one walk over a text found: terms and clause boundaries, in the order of their ends. The arrays belong to the scanner
 * and are used again for the next text.
 */
export interface Scan {
  hitCount: number;
  boundaryCount: number;
  /** True when a concept or a gestational age is among the hits. */
  hasSubject: boolean;
  terms: Int32Array;
  starts: Int32Array;
  ends: Int32Array;
  boundaryAt: Int32Array;
  boundaryKind: Uint8Array;
  /** Original position of each character the automaton took a step for. */
  steps: Int32Array;
}

export type Scanner = (text: string) => Scan;

const FIRST_CAPACITY = 1024;

/** A scanner over one lexicon. Linear in the text; the number of terms does not matter. */
export function createScanner(lexicon: Lexicon): Scanner {
  const scan = emptyScan();
  return (text) => {
    prepare(scan, text.length);
    walk(text, lexicon, scan);
    return scan;
  };
}

function walk(text: string, lexicon: Lexicon, scan: Scan): void {
  const { table } = lexicon;
  const { root, base, next, check, outputStart } = lexicon.automaton;
  const { steps } = scan;
  let state = 0;
  let stepCount = 0;
  for (let index = 0; index < text.length; index += 1) {
    const entry = table[text.charCodeAt(index)] ?? 0;
    const symbol = entry & CLASS_MASK;
    if (entry >>> BOUNDARY_SHIFT !== 0) {
      const kind = boundaryOf(text, index, entry >>> BOUNDARY_SHIFT);
      if (kind !== BOUNDARY.none) addBoundary(scan, index, kind);
      if (entry >>> BOUNDARY_SHIFT === BOUNDARY.space && isSilentSpace(text, index)) continue;
    }
    if (symbol === SKIP_CLASS) continue;
    steps[stepCount] = index;
    stepCount += 1;
    const cell = (base[state] ?? 0) + symbol;
    state = check[cell] === state ? (next[cell] ?? 0) : (root[symbol] ?? 0);
    if (outputStart[state] !== outputStart[state + 1]) emit(text, lexicon, scan, state, stepCount, index);
  }
}

function emit(text: string, lexicon: Lexicon, scan: Scan, state: number, stepCount: number, index: number): void {
  const { outputStart, outputs } = lexicon.automaton;
  const last = outputStart[state + 1] ?? 0;
  for (let cell = outputStart[state] ?? 0; cell < last; cell += 1) {
    const term = outputs[cell] ?? 0;
    const start = scan.steps[stepCount - (lexicon.lengths[term] ?? 1)] ?? 0;
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
function isSilentSpace(text: string, index: number): boolean {
  const before = index > 0 ? text.charCodeAt(index - 1) : 0x20;
  const after = index + 1 < text.length ? text.charCodeAt(index + 1) : 0x20;
  return isCjk(before) || isCjk(after) || before === 0x20 || before === 0x3000;
}

/** Points, commas and colons inside numbers, dates and times separate nothing; a space does so only beside a Han character. */
function boundaryOf(text: string, index: number, kind: number): number {
  if (kind === BOUNDARY.space) return isSilentSpace(text, index) ? kind : BOUNDARY.none;
  if (kind !== BOUNDARY.dot && kind !== BOUNDARY.comma && kind !== BOUNDARY.colon) return kind;
  const after = index + 1 < text.length ? text.charCodeAt(index + 1) : 0x20;
  const before = index > 0 ? text.charCodeAt(index - 1) : 0x20;
  if (isDigit(before) && isDigit(after)) return BOUNDARY.none;
  if (kind !== BOUNDARY.dot) return kind;
  return (isDigit(before) && isCjk(after)) || isLatinLetter(after) ? BOUNDARY.none : BOUNDARY.dot;
}

function addBoundary(scan: Scan, index: number, kind: number): void {
  scan.boundaryAt[scan.boundaryCount] = index;
  scan.boundaryKind[scan.boundaryCount] = kind;
  scan.boundaryCount += 1;
}

function emptyScan(): Scan {
  return {
    hitCount: 0,
    boundaryCount: 0,
    hasSubject: false,
    terms: new Int32Array(FIRST_CAPACITY),
    starts: new Int32Array(FIRST_CAPACITY),
    ends: new Int32Array(FIRST_CAPACITY),
    boundaryAt: new Int32Array(FIRST_CAPACITY),
    boundaryKind: new Uint8Array(FIRST_CAPACITY),
    steps: new Int32Array(FIRST_CAPACITY),
  };
}

function prepare(scan: Scan, length: number): void {
  scan.hitCount = 0;
  scan.boundaryCount = 0;
  scan.hasSubject = false;
  if (length <= scan.steps.length) return;
  scan.steps = new Int32Array(length * 2);
  scan.boundaryAt = new Int32Array(length * 2);
  scan.boundaryKind = new Uint8Array(length * 2);
}

function grow(scan: Scan): void {
  for (const name of ['terms', 'starts', 'ends'] as const) {
    const larger = new Int32Array(scan[name].length * 2);
    larger.set(scan[name]);
    scan[name] = larger;
  }
}
