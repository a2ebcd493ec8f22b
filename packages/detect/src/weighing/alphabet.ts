import { INVISIBLE_CODES, SPACE_CODES } from '../text/fold.js';
import type { Lexicon } from '../text/lexicon.js';
import { OPENING_CODES } from './quoted.js';

export const HAN_FIRST = 0x3400;
const HAN_LAST = 0x9fff;

/** What {@link Alphabet} says of a character that is no part of a term. */
export const [INVISIBLE, SILENT, OPENING_QUOTE] = [1, 2, 4];
const OTHER = 3;

/** By code unit as it comes: the small letter it is read as, the symbol of the Han character, or one of the four above. */
export type Alphabet = Uint16Array;

/** @param symbolOf the symbol of a Han character as it is read, above all letters; 0 for one that stands in no term */
export function readAlphabet({ fold }: Lexicon, symbolOf: (code: number) => number): Alphabet {
  const alphabet = fold.slice();
  for (let code = 0; code < alphabet.length; code += 1) {
    const folded = alphabet[code] ?? 0;
    if (!isLetter(folded)) alphabet[code] = (folded >= HAN_FIRST && folded <= HAN_LAST && symbolOf(folded)) || OTHER;
  }
  for (const code of SPACE_CODES) if (alphabet[code] === OTHER) alphabet[code] = SILENT;
  for (const code of INVISIBLE_CODES) if (alphabet[code] === OTHER) alphabet[code] = INVISIBLE;
  for (const code of OPENING_CODES) alphabet[code] = OPENING_QUOTE;
  return alphabet;
}

export function isLetter(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}
