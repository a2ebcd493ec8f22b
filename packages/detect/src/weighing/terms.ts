import { Once } from './once.js';
import { FIRST_DIGIT, type Terms } from './written.js';

/** Numbers the terms of texts: two Han characters side by side, a Latin word, two with a space between, “ and what is spoken. -1 for what is none. */
export interface TermTable {
  pair(first: number, second: number): number;
  /** The word or words are the code units from one index to another, as terms are written. */
  word(units: Uint16Array, from: number, to: number): number;
  /** In hundredths. */
  weightOf(term: number): number;
  /** From here on a term is met for the first time once more. */
  begin(): void;
  isFirst(term: number): boolean;
}

const HASH_START = 0x811c9dc5;
const HASH_PRIME = 0x01000193;
/** How the weight of a term, above, and the round in which it was last met, below, are packed into one number. */
const ROUND_BITS = 21;
const ROUND_MAX = (1 << ROUND_BITS) - 1;
/** No two Han characters are this key. */
const FREE = 0;

/**
 * Looks terms up without making a string of any: every two characters of every text are asked for. What is asked of nearly every character,
 * whether two are a pair, what it weighs and if it was met, lies side by side.
 */
export class WeighedTerms implements TermTable {
  /** By term two numbers: of a pair its key, and what it weighs with its round. An open hash of pairs, behind it the words. */
  readonly #cells: Int32Array;
  readonly #shift: number;
  readonly #last: number;
  readonly #words: readonly string[];
  readonly #slots: Slots;
  /** By term what it weighs for red. */
  readonly #red: Uint8Array;
  #round = 0;

  constructor({ pairs, words, weights, red }: Terms) {
    const pairCount = pairs.length / 2;
    const power = powerOf(pairCount);
    const last = (1 << power) - 1;
    const cells = new Int32Array((last + 1 + words.length) * 2);
    this.#red = new Uint8Array(last + 1 + words.length);
    const weigh = (term: number, number: number): void => {
      cells[term * 2 + 1] = (weights[number] ?? 0) << ROUND_BITS;
      // Nothing where there is no digit: no number is read as 0.
      this.#red[term] = red.charCodeAt(number) - FIRST_DIGIT;
    };
    for (let number = 0; number < pairCount; number += 1) {
      const key = keyOfPair(pairs[number * 2] ?? 0, pairs[number * 2 + 1] ?? 0);
      let term = slotOf(key, 32 - power);
      while (cells[term * 2] !== FREE) term = (term + 1) & last;
      cells[term * 2] = key;
      weigh(term, number);
    }
    for (let word = 0; word < words.length; word += 1) weigh(last + 1 + word, pairCount + word);
    this.#cells = cells;
    this.#shift = 32 - power;
    this.#last = last;
    this.#words = words;
    this.#slots = new Slots(words);
  }

  pair(first: number, second: number): number {
    const key = keyOfPair(first, second);
    for (let term = slotOf(key, this.#shift); ; term = (term + 1) & this.#last) {
      const found = this.#cells[term * 2];
      if (found === key) return term;
      if (found === FREE) return -1;
    }
  }

  word(units: Uint16Array, from: number, to: number): number {
    const key = hashOf(units, from, to);
    for (let slot = this.#slots.slotOf(key); slot >= 0; slot = this.#slots.nextSlot(slot, key)) {
      const number = this.#slots.numberIn(slot);
      if (isWord(this.#words[number] ?? '', units, from, to)) return this.#last + 1 + number;
    }
    return -1;
  }

  weightOf(term: number): number {
    return (this.#cells[term * 2 + 1] ?? 0) >> ROUND_BITS;
  }

  /** In hundredths. */
  redOf(term: number): number {
    return this.#red[term] ?? 0;
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
}

/** An open hash of the numbers of words by their keys. */
class Slots {
  /** By slot a key and its number, -1 for an empty slot: side by side, so that both are read at once. */
  readonly #slots: Int32Array;
  readonly #shift: number;
  readonly #last: number;

  constructor(words: readonly string[]) {
    const power = powerOf(words.length);
    const last = ((1 << power) - 1) * 2;
    const slots = new Int32Array(2 << power).fill(-1);
    for (let number = 0; number < words.length; number += 1) {
      const key = keyOfWord(words[number] ?? '');
      let slot = slotOf(key, 32 - power) * 2;
      while (slots[slot + 1] !== -1) slot = (slot + 2) & last;
      slots[slot] = key;
      slots[slot + 1] = number;
    }
    this.#slots = slots;
    this.#shift = 32 - power;
    this.#last = last;
  }

  /** The first slot of a key, -1 where there is none. */
  slotOf(key: number): number {
    return this.#slotFrom(slotOf(key, this.#shift) * 2, key);
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
}

/** Of the number of slots the power of two, so that never more than two thirds are taken and a place is found in a step or two. */
function powerOf(count: number): number {
  return Math.max(1, Math.ceil(Math.log2(count * 1.5)));
}

function slotOf(key: number, shift: number): number {
  return Math.imul(key, 0x9e3779b1) >>> shift;
}

/** Numbers every term it is asked for and keeps its name: what the script that learns the weights reads with. */
export class GrowingTermTable implements TermTable {
  readonly names: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #met = new Once();

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

function keyOfPair(first: number, second: number): number {
  return (first << 16) | second;
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
