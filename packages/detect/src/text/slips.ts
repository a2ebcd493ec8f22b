/**
 * Gives after each term the ways in which a word of it is mistyped: a fold of more than two characters is a slip and then the word
 * meant, as long as each other (`偎亵猥亵`). A slip is a whole word, so that 带 is 待 in 虐带 and nowhere else.
 */
export function slipsOf(folds: readonly string[]): (terms: readonly string[]) => Iterable<string> {
  const slips = folds
    .filter(({ length }) => length > 2)
    .map((fold) => ({ slip: fold.slice(0, fold.length / 2), meant: fold.slice(fold.length / 2) }));
  if (slips.length === 0) return (terms) => terms;
  const hasOne = new RegExp([...new Set(slips.map(({ meant }) => meant))].join('|'));
  function* withSlips(terms: readonly string[]): Iterable<string> {
    for (const term of terms) {
      yield term;
      if (!hasOne.test(term)) continue;
      for (const { slip, meant } of slips) if (standsOutsideChoices(term, meant)) yield term.replace(meant, slip);
    }
  }
  // Nearly every list of terms has none of the words.
  return (terms) => (hasOne.test(terms.join('\n')) ? withSlips(terms) : terms);
}

/** What stands in one choice of several does not make the whole term another. */
function standsOutsideChoices(term: string, word: string): boolean {
  const at = term.indexOf(word);
  const open = term.lastIndexOf('{', at);
  return at >= 0 && (open < 0 || term.indexOf('}', open) < at);
}
