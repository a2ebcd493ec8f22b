/** Every phrase a term with choices stands for: `没{人|得人}{管|带}`. A term without braces stands for itself. */
export function expandBraces(term: string): readonly string[] {
  const open = term.indexOf('{');
  if (open < 0) return [term];
  const close = term.indexOf('}', open);
  const rest = close < 0 ? [''] : expandBraces(term.slice(close + 1));
  const head = term.slice(0, open);
  const choices = term.slice(open + 1, close < 0 ? term.length : close).split('|');
  return choices.flatMap((choice) => rest.map((tail) => head + choice + tail));
}
