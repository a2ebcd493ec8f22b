import { invariant } from '@zhida/core';

/**
 * Called for every phrase of a term: the number of it, the same for every spelling, its length, its first and last code unit, folded, and
 * where in the term it ends. Where that is not the end of the term, it is a head, and what comes behind is for others to follow.
 */
export type SeePhrase = (term: number, length: number, first: number, last: number, end: number) => void;

/**
 * The terms of a lexicon, letter by letter. A term goes in as it is folded on the way and its choices are followed as they branch,
 * so that no copy of any phrase is made; phrases that fold to the same letters are one. Letters are compacted into symbols, from 1
 * on in the order they first come.
 */
export class Trie {
  readonly #fold: Uint16Array;
  /** Symbol of every folded code unit; 0 for those that stand in no term. */
  readonly symbols = new Uint16Array(65_536);
  symbolCount = 1;
  /** States are numbered as they are made, 0 is the root: after any state come its children. */
  stateCount = 1;
  termCount = 0;
  parents = new Int32Array(FIRST_CAPACITY);
  /** The symbol that leads to a state. */
  labels = new Uint16Array(FIRST_CAPACITY);
  /** The term that ends in a state, -1 for none. */
  terms = new Int32Array(FIRST_CAPACITY).fill(-1);
  /** An open hash by parent and symbol of the states that do not come right behind their parent: most of a term is made letter after letter. */
  #slots = new Int32Array(FIRST_CAPACITY);

  constructor(fold: Uint16Array) {
    this.#fold = fold;
  }

  /**
   * Puts in every phrase a term stands for: `没{人|得人}{管|带}` is four. A term without braces stands for itself. Of one that stands
   * for very many only the heads are put in.
   */
  add(term: string, see: SeePhrase): void {
    // Nine terms of ten have no braces.
    const to = term.includes('{') ? headEnd(term) : term.length;
    this.#addFrom(term, 0, to, ROOT, see);
  }

  /** The symbol of a code unit as it comes. */
  symbolOf(code: number): number {
    return this.#symbolOf(this.#fold[code] ?? 0);
  }

  #addFrom(term: string, from: number, to: number, path: Path, see: SeePhrase): void {
    const brace = term.indexOf('{', from);
    const open = brace < 0 || brace > to ? to : brace;
    const head = this.#walk(term, from, open, path);
    if (open === to) {
      this.#end(head, to, see);
      return;
    }
    const close = term.indexOf('}', open);
    const end = close < 0 ? term.length : close;
    for (let choice = open + 1; choice <= end; ) {
      const choiceEnd = choiceEndOf(term, choice, end);
      const branch = this.#walk(term, choice, choiceEnd, head);
      this.#addFrom(term, end + 1, to, branch, see);
      choice = choiceEnd + 1;
    }
  }

  #walk(term: string, from: number, to: number, { state: start, length, first, last }: Path): Path {
    let state = start;
    let code = last;
    for (let index = from; index < to; index += 1) {
      code = this.#fold[term.charCodeAt(index)] ?? 0;
      state = this.#child(state, this.#symbolOf(code));
    }
    return {
      state,
      length: length + to - from,
      first: length === 0 && to > from ? (this.#fold[term.charCodeAt(from)] ?? 0) : first,
      last: code,
    };
  }

  #end({ state, length, first, last }: Path, end: number, see: SeePhrase): void {
    invariant(length > 0 && length <= TERM_LENGTH_MAX, 'an empty term would match everywhere, and no word is that long');
    let term = this.terms[state] ?? -1;
    if (term < 0) {
      term = this.termCount;
      this.termCount += 1;
      this.terms[state] = term;
    }
    see(term, length, first, last, end);
  }

  #symbolOf(folded: number): number {
    const known = this.symbols[folded] ?? 0;
    if (known !== 0) return known;
    this.symbols[folded] = this.symbolCount;
    this.symbolCount += 1;
    return this.symbolCount - 1;
  }

  #child(parent: number, symbol: number): number {
    const { parents, labels, stateCount: made } = this;
    const next = parent + 1;
    if (next < made) {
      if (parents[next] === parent && labels[next] === symbol) return next;
      const slots = this.#slots;
      let slot = hash(parent, symbol) & (slots.length - 1);
      for (let state = slots[slot] ?? 0; state !== 0; state = slots[slot] ?? 0) {
        if (parents[state] === parent && labels[state] === symbol) return state;
        slot = (slot + 1) & (slots.length - 1);
      }
      slots[slot] = made;
    }
    this.stateCount += 1;
    parents[made] = parent;
    labels[made] = symbol;
    if (this.stateCount === parents.length) this.#grow();
    return made;
  }

  #grow(): void {
    const capacity = this.parents.length * 2;
    this.parents = copied(this.parents, new Int32Array(capacity));
    this.labels = copied(this.labels, new Uint16Array(capacity));
    this.terms = copied(this.terms, new Int32Array(capacity).fill(-1));
    const slots = new Int32Array(capacity);
    for (let state = 1; state < this.stateCount; state += 1) {
      const parent = this.parents[state] ?? 0;
      if (parent === state - 1) continue;
      let slot = hash(parent, this.labels[state] ?? 0) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = state;
    }
    this.#slots = slots;
  }
}

/** So many phrases of one term have places of their own. */
const PHRASES_MAX = 32;
/** A head of fewer characters would be found everywhere. */
const HEAD_LENGTH_MIN = 2;

/** Where the head of a term ends: at the braces that would make it too many phrases, or with the term. */
function headEnd(term: string): number {
  let phrases = 1;
  let shortest = 0;
  for (let at = 0; ; ) {
    const open = term.indexOf('{', at);
    if (open < 0) return term.length;
    const close = term.indexOf('}', open);
    const end = close < 0 ? term.length : close;
    let choices = 0;
    let shortestChoice = end;
    for (let choice = open + 1; choice <= end; choices += 1) {
      const choiceEnd = choiceEndOf(term, choice, end);
      shortestChoice = Math.min(shortestChoice, choiceEnd - choice);
      choice = choiceEnd + 1;
    }
    shortest += open - at;
    phrases *= choices;
    if (phrases > PHRASES_MAX && shortest >= HEAD_LENGTH_MIN) return open;
    if (close < 0) return term.length;
    shortest += shortestChoice;
    at = close + 1;
  }
}

/** Where a choice ends that begins at `from`: at the next bar or with its braces. */
function choiceEndOf(term: string, from: number, end: number): number {
  const bar = term.indexOf('|', from);
  return bar < 0 || bar > end ? end : bar;
}

/** Where the phrases gathered so far have led. */
interface Path {
  readonly state: number;
  readonly length: number;
  readonly first: number;
  readonly last: number;
}

const ROOT: Path = { state: 0, length: 0, first: 0, last: 0 };

/** A term's length fits a byte. */
const TERM_LENGTH_MAX = 255;
const FIRST_CAPACITY = 1 << 18;

function hash(parent: number, symbol: number): number {
  const mixed = Math.imul(parent ^ (symbol << 17) ^ (symbol >>> 3), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function copied<T extends Int32Array | Uint16Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
