import { BOUNDARY, isDigit } from '../text/fold.js';
import { twice } from '../text/scan.js';
import { type Alphabet, HAN_FIRST, INVISIBLE, OPENING_QUOTE, SILENT, isLetter } from './alphabet.js';
import { endOfQuoted } from './quoted.js';
import { stem } from './stem.js';
import type { TermTable } from './terms.js';

/** Told of the terms that the clauses of a text say, clause by clause, and of where its statements end. */
export interface Listener {
  /** Of every term {@link PLACE} numbers: its own, where it starts and where it ends. Holds until the next clause. */
  clauseSays(places: Int32Array, length: number): void;
  statementEnds(at: number): void;
}

/** Numbers that say where a term stands. */
export const PLACE = 3;

/** Where something is denied, asked or taught, in order, and {@link END} behind it: the rest of its clause, or the whole of it, says nothing. */
export interface Unsaid {
  readonly after: readonly number[];
  readonly whole: readonly number[];
}

/** Behind the end of every text. */
export const END = 0x3fffffff;
const WORD_MAX = 32;
const WORD = new Uint16Array(WORD_MAX * 2 + 1);
const SPACE = 0x20;
/** Stands before what is said in quotation marks, so that it is a term of its own. */
const QUOTE = '“'.charCodeAt(0);
const SPOKEN = new Uint16Array(WORD_MAX + 1).fill(QUOTE, 0, 1);
/** What texts are walked with. */
export interface Walker {
  readonly alphabet: Alphabet;
  readonly boundaries: Uint8Array;
  readonly table: TermTable;
  /** For the places of one clause. */
  places: Int32Array;
}

/**
 * Walks once over a stretch of a text and names its terms. Spaces and invisible marks inside Chinese part nothing, as in a scan. What is
 * quoted is said once more as spoken.
 */
export function walkTerms(
  text: string,
  stretch: readonly [from: number, to: number],
  walker: Walker,
  unsaid: Unsaid,
  listener: Listener,
): void {
  const walk = new Walk(text, walker, unsaid, listener);
  walk.over(stretch);
  walker.places = walk.places;
}

class Walk {
  /** Where the terms of this clause stand. */
  places: Int32Array;
  #placed = 0;
  readonly #text: string;
  readonly #alphabet: Alphabet;
  readonly #boundaries: Uint8Array;
  readonly #table: TermTable;
  readonly #unsaid: Unsaid;
  readonly #listener: Listener;
  /** The first places of {@link #unsaid} that have not been passed. */
  #nextWhole = 0;
  #nextAfter = 0;
  /** What ends behind this place says nothing until the next mark. */
  #saidTo = END;
  /** Where the last quotation that has begun ends, its marks left out. */
  #quotedTo = -1;
  /** The words lie behind one another: the last one, a space, and the one that is being read. */
  readonly #word = WORD;
  #wordFirst = 0;
  #length = 0;
  #wordAt = 0;
  #lastWordAt = 0;

  constructor(text: string, { alphabet, boundaries, table, places }: Walker, unsaid: Unsaid, listener: Listener) {
    this.places = places;
    this.#text = text;
    this.#alphabet = alphabet;
    this.#boundaries = boundaries;
    this.#table = table;
    this.#unsaid = unsaid;
    this.#listener = listener;
  }

  over([from, to]: readonly [from: number, to: number]): void {
    // Most of a text is Han characters: what every one of them needs is at hand.
    const text = this.#text;
    const alphabet = this.#alphabet;
    const table = this.#table;
    for (let at = 0; at < from; at += 1) this.#passQuote(at);
    this.#passUnsaid(from);
    let saidTo = this.#saidTo;
    /** The Han character before, 0 where there is none. */
    let before = 0;
    let beforeAt = 0;
    for (let at = from; at < to; at += 1) {
      const code = alphabet[text.charCodeAt(at)] ?? 0;
      if (code >= HAN_FIRST) {
        if (before !== 0) {
          if (at < saidTo) {
            const term = table.pair(before, code);
            if (term >= 0) this.#put(term, beforeAt, at + 1);
            if (at < this.#quotedTo) this.#tell(table.word(spoken(before, code), 0, 3), beforeAt, at + 1);
          }
        } else {
          this.#endWord(at);
          this.#wordFirst = 0;
        }
        before = code;
        beforeAt = at;
      } else if (code > OPENING_QUOTE) {
        this.#addLetter(code, at);
        before = 0;
      } else if (code !== INVISIBLE) {
        this.#endWord(at);
        if (code === SILENT) continue;
        before = 0;
        if (code === OPENING_QUOTE) this.#passQuote(at);
        this.#addMark(at, endOf(text, at, this.#boundaries[text.charCodeAt(at)] ?? 0, alphabet));
        saidTo = this.#saidTo;
      }
    }
    this.#endWord(to);
    this.#addMark(to, BOUNDARY.hard);
  }

  #addLetter(code: number, at: number): void {
    if (this.#length === 0) this.#wordAt = at;
    if (this.#length < WORD_MAX) this.#word[this.#wordFirst + this.#length] = code;
    this.#length += 1;
  }

  /** Where a word is being read. */
  #endWord(at: number): void {
    if (this.#length === 0) return;
    if (at > this.#saidTo || this.#length > WORD_MAX || (this.#length === 1 && isBesideDigit(this.#text, this.#wordAt))) {
      this.#length = 0;
      this.#wordFirst = 0;
      return;
    }
    const length = stem(this.#word, this.#wordFirst, this.#length);
    this.#length = 0;
    const end = this.#wordFirst + length;
    this.#tell(this.#table.word(this.#word, this.#wordFirst, end), this.#wordAt, at);
    if (at <= this.#quotedTo) {
      SPOKEN.set(this.#word.subarray(this.#wordFirst, end), 1);
      this.#tell(this.#table.word(SPOKEN, 0, length + 1), this.#wordAt, at);
    }
    if (this.#wordFirst > 0) this.#tell(this.#table.word(this.#word, 0, end), this.#lastWordAt, at);
    this.#word.copyWithin(0, this.#wordFirst, end);
    this.#word[length] = SPACE;
    this.#wordFirst = length + 1;
    this.#lastWordAt = this.#wordAt;
  }

  #addMark(at: number, kind: number): void {
    this.#wordFirst = 0;
    if (kind === BOUNDARY.none) return;
    const firstWhole = this.#nextWhole;
    this.#passUnsaid(at);
    // A clause that is denied or asked as a whole says none of its terms.
    if (this.#nextWhole === firstWhole && this.#placed > 0) this.#listener.clauseSays(this.places, this.#placed);
    this.#placed = 0;
    if (kind === BOUNDARY.hard) this.#listener.statementEnds(at);
  }

  #passUnsaid(to: number): void {
    const { whole, after } = this.#unsaid;
    while ((whole[this.#nextWhole] ?? END) < to) this.#nextWhole += 1;
    while ((after[this.#nextAfter] ?? END) < to) this.#nextAfter += 1;
    this.#saidTo = after[this.#nextAfter] ?? END;
  }

  #passQuote(at: number): void {
    if (at > this.#quotedTo) this.#quotedTo = Math.max(this.#quotedTo, endOfQuoted(this.#text, at));
  }

  #tell(term: number, start: number, end: number): void {
    if (term >= 0 && end <= this.#saidTo) this.#put(term, start, end);
  }

  #put(term: number, start: number, end: number): void {
    const at = this.#placed;
    if (at + PLACE > this.places.length) this.places = twice(this.places);
    this.places[at] = term;
    this.places[at + 1] = start;
    this.places[at + 2] = end;
    this.#placed = at + PLACE;
  }
}

/** Two Han characters as they are spoken. */
function spoken(first: number, second: number): Uint16Array {
  SPOKEN[1] = first;
  SPOKEN[2] = second;
  return SPOKEN;
}

/** The letters of G1P1 and C5 are no words. */
function isBesideDigit(text: string, at: number): boolean {
  return isDigit(text.charCodeAt(at - 1)) || isDigit(text.charCodeAt(at + 1));
}

/** A statement's end, a clause's, or none: a point inside a number, a date or an abbreviation. */
function endOf(text: string, at: number, kind: number, alphabet: Alphabet): number {
  if (kind === BOUNDARY.none || kind === BOUNDARY.hard) return kind;
  if (kind !== BOUNDARY.dot && kind !== BOUNDARY.comma && kind !== BOUNDARY.colon) return BOUNDARY.comma;
  const after = at + 1 < text.length ? text.charCodeAt(at + 1) : SPACE;
  if (isDigit(text.charCodeAt(at - 1)) && isDigit(after)) return BOUNDARY.none;
  if (kind !== BOUNDARY.dot) return BOUNDARY.comma;
  return isLetter(alphabet[after] ?? 0) ? BOUNDARY.none : BOUNDARY.hard;
}
