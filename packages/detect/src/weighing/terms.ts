/** Numbers the terms of texts: two Han characters side by side, a Latin word, or two with a space between. -1 for what is none. */
export interface TermTable {
  pair(first: number, second: number): number;
  /** The word or words are the code units from one index to another, as terms are written. */
  word(units: Uint16Array, from: number, to: number): number;
}

const HASH_START = 0x811c9dc5;
const HASH_PRIME = 0x01000193;
/** Small enough for the nearest cache: most of what is asked for is no term, and is told apart here. */
const SIEVE = 1 << 15;

/** Looks terms up without making a string of any: every two characters of every text are asked for. */
export function createTermTable(terms: readonly string[]): TermTable {
  // Never more than half full, so that a place is found in a step or two.
  const size = 1 << Math.ceil(Math.log2(Math.max(2, terms.length * 2)));
  const keys = new Int32Array(size);
  const numbers = new Int32Array(size).fill(-1);
  const arePairs = Uint8Array.from(terms, (term) => (isPair(term) ? 1 : 0));
  const mayBe = new Uint8Array(SIEVE);
  terms.forEach((term, index) => {
    const key = keyOf(term);
    let place = placeOf(key, size);
    while (numbers[place] !== -1) place = (place + 1) & (size - 1);
    keys[place] = key;
    numbers[place] = index;
    mayBe[placeOf(key, SIEVE)] = 1;
  });
  return {
    pair(first, second) {
      const key = (first << 16) | second;
      if (mayBe[placeOf(key, SIEVE)] === 0) return -1;
      for (let place = placeOf(key, size); numbers[place] !== -1; place = (place + 1) & (size - 1))
        if (keys[place] === key && arePairs[numbers[place] ?? 0] === 1) return numbers[place] ?? -1;
      return -1;
    },
    word(units, from, to) {
      const key = hashOf(units, from, to);
      if (mayBe[placeOf(key, SIEVE)] === 0) return -1;
      for (let place = placeOf(key, size); numbers[place] !== -1; place = (place + 1) & (size - 1))
        if (keys[place] === key && isWord(terms[numbers[place] ?? 0], units, from, to)) return numbers[place] ?? -1;
      return -1;
    },
  };
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

function placeOf(key: number, size: number): number {
  return (Math.imul(key, 0x9e3779b1) >>> 7) & (size - 1);
}

function keyOf(term: string): number {
  if (isPair(term)) return (term.charCodeAt(0) << 16) | term.charCodeAt(1);
  return hashOf(
    Uint16Array.from(term, (letter) => letter.charCodeAt(0)),
    0,
    term.length,
  );
}

/** FNV-1a. */
function hashOf(units: Uint16Array, from: number, to: number): number {
  let hash = HASH_START;
  for (let index = from; index < to; index += 1) hash = Math.imul(hash ^ (units[index] ?? 0), HASH_PRIME);
  return hash | 0;
}

function isPair(term: string | undefined): boolean {
  return term?.length === 2 && term.charCodeAt(0) > 0x7f;
}

function isWord(term: string | undefined, units: Uint16Array, from: number, to: number): boolean {
  if (term?.length !== to - from) return false;
  for (let index = from; index < to; index += 1) if (term.charCodeAt(index - from) !== units[index]) return false;
  return true;
}
