import { isDigit, isLatinLetter } from '../text/fold.js';

const PAIRS = ['“”', '‘’', '「」', '『』', '""', "''"];
/** Closing marks by their opening one, as code units, 0 for what opens nothing; no longer than the last of them, since most of a text lies above. */
const CLOSING = new Uint16Array(Math.max(...PAIRS.map((pair) => pair.charCodeAt(0))) + 1);
for (const pair of PAIRS) CLOSING[pair.charCodeAt(0)] = pair.charCodeAt(1);
/** A shorter stretch is a name or a single word. */
const LENGTH_MIN = 3;
/** A mark that is not closed by then is a slip, feet or inches. */
const LENGTH_MAX = 400;

/** Where the quotation ends that is opened at this place, its mark left out; -1 where none is. */
export function endOfQuoted(text: string, at: number): number {
  const code = text.charCodeAt(at);
  const closing = code < CLOSING.length ? (CLOSING[code] ?? 0) : 0;
  if (closing === 0 || isWordUnit(text.charCodeAt(at - 1))) return -1;
  const end = closeOf(text, at + 1, closing);
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
