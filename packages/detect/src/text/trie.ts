import { invariant } from '@zhida/core';

/**
 * The terms of a lexicon, letter by letter. A term goes in as it is folded on the way, so that no folded copy of it is made, and
 * terms that fold to the same letters are one term. Letters are compacted into symbols, from 1 on in the order they first come.
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
  /** An open hash of states by parent and symbol. */
  #slots = new Int32Array(FIRST_CAPACITY * 2);

  constructor(fold: Uint16Array) {
    this.#fold = fold;
  }

  /** Puts a term in and gives its number, the same for every spelling of it; terms are numbered from 0. */
  add(term: string): number {
    invariant(term.length > 0 && term.length <= TERM_LENGTH_MAX, 'an empty term would match everywhere, and no word is that long');
    let state = 0;
    for (let index = 0; index < term.length; index += 1) state = this.#child(state, this.#symbolOf(term.charCodeAt(index)));
    const known = this.terms[state] ?? -1;
    if (known >= 0) return known;
    this.terms[state] = this.termCount;
    this.termCount += 1;
    return this.termCount - 1;
  }

  #symbolOf(code: number): number {
    const folded = this.#fold[code] ?? 0;
    const known = this.symbols[folded] ?? 0;
    if (known !== 0) return known;
    this.symbols[folded] = this.symbolCount;
    this.symbolCount += 1;
    return this.symbolCount - 1;
  }

  #child(parent: number, symbol: number): number {
    const slots = this.#slots;
    let slot = hash(parent, symbol) & (slots.length - 1);
    for (let state = slots[slot] ?? 0; state !== 0; state = slots[slot] ?? 0) {
      if (this.parents[state] === parent && this.labels[state] === symbol) return state;
      slot = (slot + 1) & (slots.length - 1);
    }
    const made = this.stateCount;
    slots[slot] = made;
    this.stateCount += 1;
    this.parents[made] = parent;
    this.labels[made] = symbol;
    if (this.stateCount === this.parents.length) this.#grow();
    return made;
  }

  #grow(): void {
    const capacity = this.parents.length * 2;
    this.parents = copied(this.parents, new Int32Array(capacity));
    this.labels = copied(this.labels, new Uint16Array(capacity));
    this.terms = copied(this.terms, new Int32Array(capacity).fill(-1));
    const slots = new Int32Array(capacity * 2);
    for (let state = 1; state < this.stateCount; state += 1) {
      let slot = hash(this.parents[state] ?? 0, this.labels[state] ?? 0) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = state;
    }
    this.#slots = slots;
  }
}

/** A term's length fits a byte. */
export const TERM_LENGTH_MAX = 255;
const FIRST_CAPACITY = 1 << 14;

function hash(parent: number, symbol: number): number {
  const mixed = Math.imul(parent ^ (symbol << 17) ^ (symbol >>> 3), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function copied<T extends Int32Array | Uint16Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
