/** Somewhere a number of sixteen digits or more may stand as a value; in a text it does no harm to look closer. */
const MAYBE_LONG = /[:[,]\s{0,40}-?\d{16}/;
/** Whole numbers that a double may not hold. */
const LONG = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/**
 * JSON in which long whole numbers are texts: `JSON.parse` rounds them, and two visits whose numbers differ in their last digits
 * would become one, of two children.
 */
export function withLongNumbersAsText(json: string): string {
  if (!MAYBE_LONG.test(json)) return json;
  let result = '';
  let at = 0;
  while (at < json.length) {
    const open = json.indexOf('"', at);
    const plain = json.slice(at, open === -1 ? json.length : open);
    result += plain.replace(LONG, '"$&"');
    if (open === -1) break;
    const after = endOfText(json, open);
    result += json.slice(open, after);
    at = after;
  }
  return result;
}

/** Behind the quote that closes a text; the end of the input where none does. */
function endOfText(json: string, open: number): number {
  for (let quote = json.indexOf('"', open + 1); quote !== -1; quote = json.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (json.charAt(quote - 1 - slashes) === '\\') slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
  }
  return json.length;
}
