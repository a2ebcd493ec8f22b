import { displace } from '../text/displace.js';
import { HAN_FIRST } from './alphabet.js';
import { Once } from './once.js';
import type { Terms } from './written.js';

/** Numbers the terms of texts: two Han characters side by side, a Latin word, two with a space between, “ and what is spoken. -1 for what is none. */
export interface TermTable {
  /** The symbol of a Han character, {@link FIRST_SYMBOL} or more; 0 for one that stands in no term. */
  symbolOf(code: number): number;
  /** The pair of two symbols. */
  pair(first: number, second: number): number;
  /** The word or words are the code units from one index to another, as terms are written. */
  word(units: Uint16Array, from: number, to: number): number;
  /** In hundredths. */
  weightOf(term: number): number;
  /** From here on a term is met for the first time once more. */
  begin(): void;
  isFirst(term: number): boolean;
}

/** Symbols of Han characters lie above all small letters, which are their own. */
export const FIRST_SYMBOL = 0x80;
const HASH_START = 0x811c9dc5;
const HASH_PRIME = 0x01000193;
/** How the weight of a term, above, and the round in which it was last met, below, are packed into one number: both are asked of nearly every character. */
const ROUND_BITS = 21;
const ROUND_MAX = (1 << ROUND_BITS) - 1;

/**
 * Looks terms up without making a string of any: every two characters of every text are asked for. Pairs lie in one table by row
 * displacement, a row for each first character, so that one look says whether two characters are a pair, what it weighs, and if it was met.
 */
export class WeighedTerms implements TermTable {
  readonly #symbols = new Uint16Array(65_536);
  /** By symbol where its row begins. */
  readonly #bases: Int32Array;
  /** By term two numbers: the first character of a pair, and its weight and round. Behind the pairs come the words. */
  readonly #cells: Int32Array;
  readonly #firstWord: number;
  readonly #words: readonly string[];
  readonly #slots: Slots;
  #round = 0;

  constructor({ pairs, words, weights }: Terms) {
    const symbolCount = this.#readSymbols(pairs, words);
    const pairCount = pairs.length / 2;
    const stateCount = symbolCount + pairCount;
    const parents = new Int32Array(stateCount);
    const labels = Uint16Array.from(parents, (_, symbol) => symbol);
    for (let pair = 0; pair < pairCount; pair += 1) {
      parents[symbolCount + pair] = this.symbolOf(pairs[pair * 2] ?? 0);
      labels[symbolCount + pair] = this.symbolOf(pairs[pair * 2 + 1] ?? 0);
    }
    const { bases, places, size } = displace({ parents, labels, stateCount, symbolCount });
    this.#bases = bases.slice(0, symbolCount);
    this.#firstWord = size;
    this.#cells = new Int32Array((size + words.length) * 2).fill(-1);
    const put = (term: number, first: number, number: number): void => {
      this.#cells[term * 2] = first;
      this.#cells[term * 2 + 1] = (weights[number] ?? 0) << ROUND_BITS;
    };
    for (let pair = 0; pair < pairCount; pair += 1) put(places[symbolCount + pair] ?? 0, parents[symbolCount + pair] ?? 0, pair);
    for (let word = 0; word < words.length; word += 1) put(size + word, 0, pairCount + word);
    this.#words = words;
    this.#slots = new Slots(words.map(keyOfWord));
  }

  symbolOf(code: number): number {
    return this.#symbols[code] ?? 0;
  }

  pair(first: number, second: number): number {
    const term = (this.#bases[first] ?? 0) + second;
    return this.#cells[term * 2] === first ? term : -1;
  }

  word(units: Uint16Array, from: number, to: number): number {
    const key = hashOf(units, from, to);
    for (let slot = this.#slots.slotOf(key); slot >= 0; slot = this.#slots.nextSlot(slot, key)) {
      const number = this.#slots.numberIn(slot);
      if (isWord(this.#words[number] ?? '', units, from, to)) return this.#firstWord + number;
    }
    return -1;
  }

  weightOf(term: number): number {
    return (this.#cells[term * 2 + 1] ?? 0) >> ROUND_BITS;
  }

  begin(): void {
    if (this.#round === ROUND_MAX) {
      for (let at = 1; at < this.#cells.length; at += 2) this.#cells[at] = (this.#cells[at] ?? 0) & ~ROUND_MAX;
      this.#round = 0;
    }
    this.#round += 1;
  }

  isFirst(term: number): boolean {
    const cell = this.#cells[term * 2 + 1] ?? 0;
    if ((cell & ROUND_MAX) === this.#round) return false;
    this.#cells[term * 2 + 1] = (cell & ~ROUND_MAX) | this.#round;
    return true;
  }

  /** Gives every Han character of a term its symbol. */
  #readSymbols(pairs: Uint16Array, words: readonly string[]): number {
    let next = FIRST_SYMBOL;
    const read = (code: number): void => {
      if (code < HAN_FIRST || this.#symbols[code] !== 0) return;
      this.#symbols[code] = next;
      next += 1;
    };
    for (let at = 0; at < pairs.length; at += 1) read(pairs[at] ?? 0);
    for (const word of words) for (let at = 0; at < word.length; at += 1) read(word.charCodeAt(at));
    return next;
  }
}

/** An open hash of numbers from 0 on by their keys. */
class Slots {
  /** By slot a key and its number, -1 for an empty slot: side by side, so that both are read at once. */
  readonly #slots: Int32Array;
  readonly #shift: number;
  readonly #last: number;

  constructor(keys: readonly number[]) {
    // Never more than two thirds full, so that a place is found in a step or two.
    const power = Math.max(1, Math.ceil(Math.log2(keys.length * 1.5)));
    this.#shift = 32 - power;
    this.#last = ((1 << power) - 1) * 2;
    this.#slots = new Int32Array(2 << power).fill(-1);
    keys.forEach((key, number) => {
      let slot = this.#firstSlot(key);
      while (this.numberIn(slot) !== -1) slot = (slot + 2) & this.#last;
      this.#slots[slot] = key;
      this.#slots[slot + 1] = number;
    });
  }

  /** The first slot of a key, -1 where there is none. */
  slotOf(key: number): number {
    return this.#slotFrom(this.#firstSlot(key), key);
  }

  /** The next one of a key that several numbers have. */
  nextSlot(slot: number, key: number): number {
    return this.#slotFrom((slot + 2) & this.#last, key);
  }

  numberIn(slot: number): number {
    return this.#slots[slot + 1] ?? -1;
  }

  #slotFrom(from: number, key: number): number {
    let slot = from;
    for (; this.#slots[slot + 1] !== -1; slot = (slot + 2) & this.#last) if (this.#slots[slot] === key) return slot;
    return -1;
  }

  #firstSlot(key: number): number {
    return (Math.imul(key, 0x9e3779b1) >>> this.#shift) * 2;
  }
}

/** Numbers every term it is asked for and keeps its name: what the script that learns the weights reads with. */
export class GrowingTermTable implements TermTable {
  readonly names: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #met = new Once();

  symbolOf(code: number): number {
    return code;
  }

  pair(first: number, second: number): number {
    return this.numberOf(String.fromCharCode(first, second));
  }

  word(units: Uint16Array, from: number, to: number): number {
    return this.numberOf(String.fromCharCode(...units.subarray(from, to)));
  }

  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.names.push(name) - 1;
    this.#numbers.set(name, number);
    return number;
  }

  /** They are still to be weighed. */
  weightOf(): number {
    return 0;
  }

  begin(): void {
    this.#met.begin();
  }

  isFirst(term: number): boolean {
    return this.#met.isFirst(term);
  }
}

function keyOfWord(word: string): number {
  let hash = HASH_START;
  for (let index = 0; index < word.length; index += 1) hash = stepOf(hash, word.charCodeAt(index));
  return hash | 0;
}

/** FNV-1a. */
function hashOf(units: Uint16Array, from: number, to: number): number {
  let hash = HASH_START;
  for (let index = from; index < to; index += 1) hash = stepOf(hash, units[index] ?? 0);
  return hash | 0;
}

function stepOf(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, HASH_PRIME);
}

function isWord(term: string, units: Uint16Array, from: number, to: number): boolean {
  if (term.length !== to - from) return false;
  for (let index = from; index < to; index += 1) if (term.charCodeAt(index - from) !== units[index]) return false;
  return true;
}
