const [D, E, G, I, N, S, U, Y] = Array.from('deginsuy', (letter) => letter.charCodeAt(0));
const VOWELS: ReadonlySet<number> = new Set(Array.from('aeiouy', (letter) => letter.charCodeAt(0)));
/** Letters that are doubled before an ending: hit, hitting. */
const DOUBLED: ReadonlySet<number> = new Set(Array.from('bdgmnprt', (letter) => letter.charCodeAt(0)));
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
  const ending = letter(1) === D && letter(2) === E ? 2 : letter(1) === G && letter(2) === N && letter(3) === I ? 3 : 0;
  if (ending > 0 && rest - ending >= STEM_MIN && hasVowel(units, first, rest - ending)) {
    rest -= ending;
    if (rest > STEM_MIN && letter(1) === letter(2) && DOUBLED.has(letter(1))) rest -= 1;
  }
  return rest > STEM_MIN && letter(1) === E ? rest - 1 : rest;
}

function endWithY(units: Uint16Array, first: number, length: number): number {
  units[first + length - 1] = Y ?? 0;
  return length;
}

function hasVowel(units: Uint16Array, first: number, length: number): boolean {
  for (let at = first; at < first + length; at += 1) if (VOWELS.has(units[at] ?? 0)) return true;
  return false;
}
