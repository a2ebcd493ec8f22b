const PASSIVE_STARTS = ['被', '遭', '受', 'was ', 'is ', 'been ', 'being '];
const PASSIVE_MAX = Math.max(...PASSIVE_STARTS.map((start) => start.length));

/** True where the words at a place are passive: "was abused", 被虐待. */
export function opensPassive(text: string, at: number): boolean {
  const words = text.slice(at, at + PASSIVE_MAX).toLowerCase();
  return PASSIVE_STARTS.some((start) => words.startsWith(start));
}

const BEFORE_PASSIVE = /(?:^|[^a-z])(?:was|were|been|being|got|gets)\s+$/i;
const BEFORE_MAX = 7;

/** True where the words before a place make a verb there passive: "was | beaten by". */
export function isMadePassive(text: string, at: number): boolean {
  return BEFORE_PASSIVE.test(text.slice(Math.max(0, at - BEFORE_MAX), at));
}
