import type { Terms } from './written.js';

/** Numbers the terms of texts: two Han characters side by side, a Latin word, two with a space between, “ and what is spoken. -1 for what is none. */
export interface TermTable {
  pair(first: number, second: number): number;
  /** The word or words are the code units from one index to another, as terms are written. */
  word(units: Uint16Array, from: number, to: number): number;
}

const HASH_START = 0x811c9dc5;
const HASH_PRIME = 0x01000193;

/** Looks terms up without making a string of any: every two characters of every text are asked for. */
export function createTermTable({ pairs, words }: Pick<Terms, 'pairs' | 'words'>): TermTable {
  const pairCount = pairs.length / 2;
  const ofPairs = new Slots(pairCount, (number) => keyOfPair(pairs[number * 2] ?? 0, pairs[number * 2 + 1] ?? 0));
  const ofWords = new Slots(words.length, (number) => keyOfWord(words[number] ?? ''));
  return {
    pair: (first, second) => ofPairs.find(keyOfPair(first, second)),
    word(units, from, to) {
      const key = hashOf(units, from, to);
      for (let slot = ofWords.slotOf(key); slot >= 0; slot = ofWords.nextSlot(slot, key))
        if (isWord(words[ofWords.numberIn(slot)] ?? '', units, from, to)) return pairCount + ofWords.numberIn(slot);
      return -1;
    },
  };
}

/** An open hash of numbers by their keys. */
class Slots {
  /** By slot a key and its number, -1 for an empty slot: side by side, so that both are read at once. */
  readonly #slots: Int32Array;
  readonly #shift: number;
  readonly #last: number;

  constructor(count: number, keyOf: (number: number) => number) {
    // Never more than two thirds full, so that a place is found in a step or two.
    const power = Math.max(1, Math.ceil(Math.log2(count * 1.5)));
    this.#shift = 32 - power;
    this.#last = ((1 << power) - 1) * 2;
    this.#slots = new Int32Array(2 << power).fill(-1);
    for (let number = 0; number < count; number += 1) {
      const key = keyOf(number);
      let slot = this.#firstSlot(key);
      while (this.numberIn(slot) !== -1) slot = (slot + 2) & this.#last;
      this.#slots[slot] = key;
      this.#slots[slot + 1] = number;
    }
  }

  /** The only number of a key, -1 where there is none. */
  find(key: number): number {
    const slot = this.slotOf(key);
    return slot < 0 ? -1 : this.numberIn(slot);
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
