import { isDigit, isLatinLetter } from '../text/fold.js';

/** Where somebody's words stand in quotation marks, marks left out, in order; by turns their starts and ends. */
export type Quoted = readonly number[];

const PAIRS = ['“”', '‘’', '「」', '『』', '""', "''"];
/** Closing marks by their opening one, as code units, 0 for what opens nothing; no longer than the last of them, since most of a text lies above. */
const CLOSING = new Uint16Array(Math.max(...PAIRS.map((pair) => pair.charCodeAt(0))) + 1);
for (const pair of PAIRS) CLOSING[pair.charCodeAt(0)] = pair.charCodeAt(1);
/** A shorter stretch is a name or a single word. */
const LENGTH_MIN = 3;
/** A mark that is not closed by then is a slip, feet or inches. */
const LENGTH_MAX = 400;
const NONE: Quoted = [];

/** Finds what is said in quotation marks. Linear in the text. */
export function findQuoted(text: string): Quoted {
  let found: number[] | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= CLOSING.length) continue;
    const closing = CLOSING[code] ?? 0;
    if (closing === 0 || isWordUnit(text.charCodeAt(at - 1))) continue;
    const end = closeOf(text, at + 1, closing);
    if (end - at <= LENGTH_MIN) continue;
    (found ??= []).push(at + 1, end);
    at = end;
  }
  return found ?? NONE;
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
