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
/** Stands behind a text: no letter, no space, no Han character. */
const BEHIND = 0;

/**
 * Walks once over a stretch of a text and names its terms. Spaces and invisible marks inside Chinese part nothing, as in a scan.
 *
 * @param unsaid where something is denied, asked or taught, in order: its clause says nothing
 */
export function walkTerms(
  text: string,
  [from, to]: readonly [from: number, to: number],
  { fold, boundaries }: Lexicon,
  table: TermTable,
  unsaid: readonly number[],
  listener: Listener,
): void {
  const word = WORD;
  let next = unsaid.findIndex((at) => at >= from);
  if (next < 0) next = unsaid.length;
  let before = 0;
  let beforeAt = 0;
  // The words lie behind one another: the last one, a space, and the one that is being read.
  let wordFirst = 0;
  let length = 0;
  let wordAt = 0;
  let lastWordAt = -1;
  for (let at = from; at <= to; at += 1) {
    const raw = at < to ? text.charCodeAt(at) : BEHIND;
    const code = fold[raw] ?? 0;
    if (isLetter(code)) {
      if (length === 0) wordAt = at;
      if (length < WORD_MAX) word[wordFirst + length] = code;
      length += 1;
      before = 0;
      continue;
    }
    if (INVISIBLE_CODES.has(raw)) continue;
    if (length > 0) {
      const end = wordFirst + length;
      if (length >= WORD_MIN && length <= WORD_MAX) {
        tell(listener, table.word(word, wordFirst, end), wordAt, at);
        if (wordFirst > 0) tell(listener, table.word(word, 0, end), lastWordAt, at);
        word.copyWithin(0, wordFirst, end);
        word[length] = SPACE;
        wordFirst = length + 1;
        lastWordAt = wordAt;
      } else wordFirst = 0;
      length = 0;
    }
    if (code >= HAN_FIRST && code <= HAN_LAST) {
      if (before !== 0) tell(listener, table.pair(before, code), beforeAt, at + 1);
      before = code;
      beforeAt = at;
      wordFirst = 0;
      continue;
    }
    if (SPACE_CODES.has(raw)) continue;
    before = 0;
    wordFirst = 0;
    const kind = at < to ? endOf(text, at, boundaries[raw] ?? 0, fold) : BOUNDARY.hard;
    if (kind === BOUNDARY.none) continue;
    const saidTo = next;
    while ((unsaid[next] ?? to) < at) next += 1;
    listener.clauseEnds(next === saidTo);
    if (kind === BOUNDARY.hard) listener.statementEnds(at);
  }
}

const WORD = new Uint16Array(WORD_MAX * 2 + 1);
const SPACE = 0x20;
const HAN_FIRST = 0x3400;
const HAN_LAST = 0x9fff;

function tell(listener: Listener, term: number, start: number, end: number): void {
  if (term >= 0) listener.term(term, start, end);
}

/** A statement's end, a clause's, or none: a point inside a number, a date or an abbreviation. */
function endOf(text: string, at: number, kind: number, fold: Uint16Array): number {
  if (kind === BOUNDARY.none || kind === BOUNDARY.hard) return kind;
  if (kind !== BOUNDARY.dot && kind !== BOUNDARY.comma && kind !== BOUNDARY.colon) return BOUNDARY.comma;
  const after = text.charCodeAt(at + 1);
  if (isDigit(text.charCodeAt(at - 1)) && isDigit(after)) return BOUNDARY.none;
  if (kind !== BOUNDARY.dot) return BOUNDARY.comma;
  return isLetter(fold[after] ?? 0) ? BOUNDARY.none : BOUNDARY.hard;
}

function isLetter(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}
