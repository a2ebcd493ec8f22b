import { twice } from '../text/scan.js';

/** Concepts that must stand together, as far as that can be told by where their words stand. */
export interface Together {
  /** Of the first part the index of its concept, then those whose words are its words as well. */
  readonly first: Int32Array;
  readonly others: readonly Int32Array[];
  /** Greatest distance of any part to the first. */
  readonly within: number;
  /** No part stands before the first. */
  readonly ordered: boolean;
}

const FIRST_CAPACITY = 1024;
/** Texts lie further apart than any two concepts that must stand together. */
const GAP = 4096;

/**
 * Where the words of each concept stand in the texts of one record, whatever is said of them: enough to tell that two never come
 * near each other, long before any clause is read.
 */
export class Places {
  /** By concept the place that ends last, 0 for none; from there `#next` leads through all of them, by their ends. */
  readonly #first: Int32Array;
  /** By concept the first place in that order that does not begin too late for any word that is still to be looked at. */
  readonly #from: Int32Array;
  /** 1 for a concept that others make where they stand together: it may stand wherever they do. */
  readonly #isMade: Uint8Array;
  #next = new Int32Array(FIRST_CAPACITY);
  #starts = new Int32Array(FIRST_CAPACITY);
  #ends = new Int32Array(FIRST_CAPACITY);
  #hasMade = false;
  #count = 1;
  #offset = 0;

  constructor(conceptCount: number) {
    this.#first = new Int32Array(conceptCount);
    this.#from = new Int32Array(conceptCount);
    this.#isMade = new Uint8Array(conceptCount);
  }

  clear(): void {
    this.#first.fill(0);
    this.#isMade.fill(0);
    this.#hasMade = false;
    this.#count = 1;
    this.#offset = 0;
  }

  /** What is added from here on stands in a text of its own. */
  nextText(length: number): void {
    this.#offset += length + GAP;
  }

  add(concept: number, start: number, end: number): void {
    const place = this.#count;
    if (place === this.#next.length) this.#grow();
    const endsAt = this.#offset + end;
    // Words come nearly in the order of their ends: each has only a few places to go.
    let later = 0;
    let next = this.#first[concept] ?? 0;
    for (; next !== 0 && (this.#ends[next] ?? 0) > endsAt; next = this.#next[next] ?? 0) later = next;
    if (later === 0) this.#first[concept] = place;
    else this.#next[later] = place;
    this.#next[place] = next;
    this.#starts[place] = this.#offset + start;
    this.#ends[place] = endsAt;
    this.#count = place + 1;
  }

  addMade(concept: number): void {
    this.#isMade[concept] = 1;
    this.#hasMade = true;
  }

  /** False where no word of the first part has words of all the others near it. Linear in the words, however often each is said. */
  mayStandTogether({ first, others, within, ordered }: Together): boolean {
    if (this.#isAnywhere(first)) return true;
    for (let at = 0; at < first.length; at += 1) {
      let place = this.#first[first[at] ?? 0] ?? 0;
      if (place !== 0) this.#beginWithLast(others);
      for (; place !== 0; place = this.#next[place] ?? 0) {
        const start = this.#starts[place] ?? 0;
        if (this.#allStand(others, ordered, ordered ? start : start - within, (this.#ends[place] ?? 0) + within)) return true;
      }
    }
    return false;
  }

  #beginWithLast(parts: readonly Int32Array[]): void {
    for (const part of parts) for (let at = 0; at < part.length; at += 1) this.#from[part[at] ?? 0] = this.#first[part[at] ?? 0] ?? 0;
  }

  #allStand(parts: readonly Int32Array[], ordered: boolean, from: number, to: number): boolean {
    for (const part of parts) if (!this.#stands(part, ordered, from, to) && !this.#isAnywhere(part)) return false;
    return true;
  }

  /** Whether a word of the part begins at or before `to` and, if `ordered`, begins, else ends, at or behind `from`. `to` only falls. */
  #stands(part: Int32Array, ordered: boolean, from: number, to: number): boolean {
    const edges = ordered ? this.#starts : this.#ends;
    for (let at = 0; at < part.length; at += 1) {
      let place = this.#lastBefore(to, part[at] ?? 0);
      for (; place !== 0 && (this.#ends[place] ?? 0) >= from; place = this.#next[place] ?? 0)
        if ((this.#starts[place] ?? 0) <= to && (edges[place] ?? 0) >= from) return true;
    }
    return false;
  }

  /** The place of a concept that ends last of those that begin at or before `to`, 0 for none. */
  #lastBefore(to: number, concept: number): number {
    let place = this.#from[concept] ?? 0;
    while (place !== 0 && (this.#starts[place] ?? 0) > to) place = this.#next[place] ?? 0;
    this.#from[concept] = place;
    return place;
  }

  #isAnywhere(part: Int32Array): boolean {
    if (!this.#hasMade) return false;
    for (let at = 0; at < part.length; at += 1) if (this.#isMade[part[at] ?? 0] === 1) return true;
    return false;
  }

  #grow(): void {
    this.#next = twice(this.#next);
    this.#starts = twice(this.#starts);
    this.#ends = twice(this.#ends);
  }
}
