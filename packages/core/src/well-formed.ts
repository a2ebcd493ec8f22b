/** With the `u` flag a paired surrogate is one code point, so this finds only lone ones. */
const LONE_SURROGATES = /\p{Surrogate}/gu;

/** True when the text has a UTF-8 form: JSON can carry half a surrogate pair, UTF-8 and therefore a fingerprint cannot. */
export function isWellFormed(text: string): boolean {
  // Asking the engine first is quick where it can be asked.
  return (text as { isWellFormed?: () => boolean }).isWellFormed?.() ?? text.search(LONE_SURROGATES) === -1;
}

/** The text with every lone surrogate replaced by U+FFFD, which keeps every offset. */
export function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATES, '\uFFFD');
}
