import { codesOf, isDigit, isLatinLetter } from '../text/fold.js';

/** Straight marks close themselves. */
const OPENING = '“‘「『"\'';
const CLOSING = '”’」』"\'';
export const OPENING_CODES: readonly number[] = codesOf(OPENING);
/** A shorter stretch is a name or a single word. */
const LENGTH_MIN = 3;
/** A mark that is not closed by then is a slip, feet or inches. */
const LENGTH_MAX = 400;

/** Where the quotation ends that is opened at this place, its mark left out; -1 where none is. */
export function endOfQuoted(text: string, at: number): number {
  const mark = OPENING.indexOf(text.charAt(at));
  if (mark < 0 || isWordUnit(text.charCodeAt(at - 1))) return -1;
  const end = closeOf(text, at + 1, CLOSING.charCodeAt(mark));
  return end - at > LENGTH_MIN ? end : -1;
}

/** Place of the closing mark, -1 where there is none in time. An apostrophe inside a word closes nothing. */
function closeOf(text: string, from: number, closing: number): number {
  const to = Math.min(text.length, from + LENGTH_MAX);
  for (let at = from; at < to; at += 1) if (text.charCodeAt(at) === closing && !isWordUnit(text.charCodeAt(at + 1))) return at;
  return -1;
}

/** False past either end of a text. */
function isWordUnit(code: number): boolean {
  return isLatinLetter(code) || isDigit(code);
}
