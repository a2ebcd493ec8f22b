import { codesOf } from '../text/fold.js';

const [D, E, G, I, N, S, U, Y] = codesOf('deginsuy');
const VOWELS: ReadonlySet<number> = new Set(codesOf('aeiouy'));
/** Letters that are doubled before an ending: hit, hitting. */
const DOUBLED: ReadonlySet<number> = new Set(codesOf('bdgmnprt'));
/** Shorter words have no ending. */
const STEM_MIN = 3;

/**
 * Takes the endings of number and tense off an English word in place, so that slaps, slapped and slapping are one term.
 *
 * @param units holds the word, in small letters, from `first` on
 * @returns its length without them
 */
export function stem(units: Uint16Array, first: number, length: number): number {
  if (length <= STEM_MIN) return length;
  const letter = (fromEnd: number): number => units[first + rest - fromEnd] ?? 0;
  let rest = length;
  if (letter(1) === S && letter(2) !== S && letter(2) !== U && letter(2) !== I) {
    rest -= 1;
    if (rest > STEM_MIN && letter(2) === I && letter(1) === E) return endWithY(units, first, rest - 1);
  }
  if (rest > STEM_MIN + 1 && letter(1) === D && letter(2) === E && letter(3) === I) return endWithY(units, first, rest - 2);
  rest -= endingOf(units, first, rest);
  return rest > STEM_MIN && letter(1) === E ? rest - 1 : rest;
}

/** How many letters `ed` and `ing` are, with the letter doubled before them; 0 where what is left is no word. */
function endingOf(units: Uint16Array, first: number, length: number): number {
  const letter = (fromEnd: number): number => units[first + length - fromEnd] ?? 0;
  const ending = letter(1) === D && letter(2) === E ? 2 : letter(1) === G && letter(2) === N && letter(3) === I ? 3 : 0;
  const left = length - ending;
  if (ending === 0 || left < STEM_MIN || !hasVowel(units, first, left)) return 0;
  const last = letter(ending + 1);
  return left > STEM_MIN && last === letter(ending + 2) && DOUBLED.has(last) ? ending + 1 : ending;
}

function endWithY(units: Uint16Array, first: number, length: number): number {
  units[first + length - 1] = Y ?? 0;
  return length;
}

function hasVowel(units: Uint16Array, first: number, length: number): boolean {
  for (let at = first; at < first + length; at += 1) if (VOWELS.has(units[at] ?? 0)) return true;
  return false;
}
