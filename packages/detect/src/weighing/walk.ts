import { BOUNDARY, INVISIBLE_CODES, SPACE_CODES, isDigit } from '../text/fold.js';
import type { Lexicon } from '../text/lexicon.js';
import type { TermTable } from './terms.js';

/** Told of the terms of a text as they come, and of where its clauses and statements end. */
export interface Listener {
  term(term: number, start: number, end: number): void;
  /** What a clause denies, asks or teaches it does not say. */
  clauseEnds(isSaid: boolean): void;
  statementEnds(at: number): void;
}

const WORD_MIN = 2;
const WORD_MAX = 32;
const WORD = new Uint16Array(WORD_MAX * 2 + 1);
const SPACE = 0x20;
const HAN_FIRST = 0x3400;
const HAN_LAST = 0x9fff;

/** What {@link Alphabet} says of a character that is no part of a term. */
const [INVISIBLE, SILENT, OTHER] = [1, 2, 3];

/** By code unit as it comes: the Han character or small letter it is read as, or one of the three above. */
export type Alphabet = Uint16Array;

export function readAlphabet({ fold }: Lexicon): Alphabet {
  return fold.map((code, raw) => {
    if ((code >= HAN_FIRST && code <= HAN_LAST) || isLetter(code)) return code;
    return INVISIBLE_CODES.has(raw) ? INVISIBLE : SPACE_CODES.has(raw) ? SILENT : OTHER;
  });
}

/** What texts are walked with. */
export interface Walker {
  readonly alphabet: Alphabet;
  readonly boundaries: Uint8Array;
  readonly table: TermTable;
}

/**
 * Walks once over a stretch of a text and names its terms. Spaces and invisible marks inside Chinese part nothing, as in a scan.
 *
 * @param unsaid where something is denied, asked or taught, in order: its clause says nothing
 */
export function walkTerms(
  text: string,
  stretch: readonly [from: number, to: number],
  walker: Walker,
  unsaid: readonly number[],
  listener: Listener,
): void {
  new Walk(text, walker, unsaid, listener).over(stretch);
}

class Walk {
  readonly #text: string;
  readonly #alphabet: Alphabet;
  readonly #boundaries: Uint8Array;
  readonly #table: TermTable;
  readonly #unsaid: readonly number[];
  readonly #listener: Listener;
  /** The first place of {@link #unsaid} that has not been passed. */
  #next = 0;
  /** The words lie behind one another: the last one, a space, and the one that is being read. */
  readonly #word = WORD;
  #wordFirst = 0;
  #length = 0;
  #wordAt = 0;
  #lastWordAt = 0;

  constructor(text: string, { alphabet, boundaries, table }: Walker, unsaid: readonly number[], listener: Listener) {
    this.#text = text;
    this.#alphabet = alphabet;
    this.#boundaries = boundaries;
    this.#table = table;
    this.#unsaid = unsaid;
    this.#listener = listener;
  }

  over([from, to]: readonly [from: number, to: number]): void {
    // Most of a text is Han characters: what every one of them needs is at hand.
    const [text, alphabet, table, listener] = [this.#text, this.#alphabet, this.#table, this.#listener];
    while ((this.#unsaid[this.#next] ?? to) < from) this.#next += 1;
    /** The Han character before, 0 where there is none. */
    let before = 0;
    let beforeAt = 0;
    for (let at = from; at < to; at += 1) {
      const code = alphabet[text.charCodeAt(at)] ?? 0;
      if (code >= HAN_FIRST) {
        if (before !== 0) {
          const term = table.pair(before, code);
          if (term >= 0) listener.term(term, beforeAt, at + 1);
        } else {
          this.#endWord(at);
          this.#wordFirst = 0;
        }
        before = code;
        beforeAt = at;
      } else if (code > OTHER) {
        this.#addLetter(code, at);
        before = 0;
      } else if (code !== INVISIBLE) {
        this.#endWord(at);
        if (code === SILENT) continue;
        before = 0;
        this.#addMark(at, endOf(text, at, this.#boundaries[text.charCodeAt(at)] ?? 0, alphabet));
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
    const length = this.#length;
    if (length === 0) return;
    this.#length = 0;
    if (length < WORD_MIN || length > WORD_MAX) {
      this.#wordFirst = 0;
      return;
    }
    const end = this.#wordFirst + length;
    this.#tell(this.#table.word(this.#word, this.#wordFirst, end), this.#wordAt, at);
    if (this.#wordFirst > 0) this.#tell(this.#table.word(this.#word, 0, end), this.#lastWordAt, at);
    this.#word.copyWithin(0, this.#wordFirst, end);
    this.#word[length] = SPACE;
    this.#wordFirst = length + 1;
    this.#lastWordAt = this.#wordAt;
  }

  #addMark(at: number, kind: number): void {
    this.#wordFirst = 0;
    if (kind === BOUNDARY.none) return;
    const saidTo = this.#next;
    while ((this.#unsaid[this.#next] ?? at) < at) this.#next += 1;
    this.#listener.clauseEnds(this.#next === saidTo);
    if (kind === BOUNDARY.hard) this.#listener.statementEnds(at);
  }

  #tell(term: number, start: number, end: number): void {
    if (term >= 0) this.#listener.term(term, start, end);
  }
}

/** A statement's end, a clause's, or none: a point inside a number, a date or an abbreviation. */
function endOf(text: string, at: number, kind: number, alphabet: Alphabet): number {
  if (kind === BOUNDARY.none || kind === BOUNDARY.hard) return kind;
  if (kind !== BOUNDARY.dot && kind !== BOUNDARY.comma && kind !== BOUNDARY.colon) return BOUNDARY.comma;
  const after = text.charCodeAt(at + 1);
  if (isDigit(text.charCodeAt(at - 1)) && isDigit(after)) return BOUNDARY.none;
  if (kind !== BOUNDARY.dot) return BOUNDARY.comma;
  return isLetter(alphabet[after] ?? 0) ? BOUNDARY.none : BOUNDARY.hard;
}

function isLetter(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}
