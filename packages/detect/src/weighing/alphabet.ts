import { INVISIBLE_CODES, SPACE_CODES } from '../text/fold.js';
import type { Lexicon } from '../text/lexicon.js';
import { OPENING_CODES } from './quoted.js';

export const HAN_FIRST = 0x3400;
const HAN_LAST = 0x9fff;

/** What {@link Alphabet} says of a character that is no part of a term. */
export const [INVISIBLE, SILENT, OPENING_QUOTE] = [1, 2, 4];
const OTHER = 3;

/** By code unit as it comes: the Han character or small letter it is read as, or one of the four above. */
export type Alphabet = Uint16Array;

export function readAlphabet({ fold }: Lexicon): Alphabet {
  const alphabet = fold.slice();
  for (let code = 0; code < alphabet.length; code += 1) {
    const folded = alphabet[code] ?? 0;
    if (!(folded >= HAN_FIRST && folded <= HAN_LAST) && !isLetter(folded)) alphabet[code] = OTHER;
  }
  for (const code of SPACE_CODES) if (alphabet[code] === OTHER) alphabet[code] = SILENT;
  for (const code of INVISIBLE_CODES) if (alphabet[code] === OTHER) alphabet[code] = INVISIBLE;
  for (const code of OPENING_CODES) alphabet[code] = OPENING_QUOTE;
  return alphabet;
}

export function isLetter(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}
