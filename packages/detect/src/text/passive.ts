const PASSIVE_STARTS = ['被', '遭', '受', 'was ', 'is ', 'been ', 'being '];
const PASSIVE_OPENERS = '被遭受wibWIB';
const PASSIVE_MAX = Math.max(...PASSIVE_STARTS.map((start) => start.length));

const PLAIN =
  /^ ?(?:was|were|is|been|being) (?:(?:also|so|very|really|just|always|often|already) )?(?:an?|the|on|at|in|off|out|away|home|there|with|under|not|drunk|high|angry|cross|furious|mad|upset|violent)\b/i;
const PLAIN_MAX = 24;

/** "Uncle was on the grog", "dad is drunk": what follows says where or how somebody was, not what was done to them. */
export function tellsWhereOrHow(text: string, at: number): boolean {
  return PLAIN.test(text.slice(at, at + PLAIN_MAX));
}

/** True where the words at a place are passive: "was abused", 被虐待. */
export function opensPassive(text: string, at: number): boolean {
  if (at >= text.length || !PASSIVE_OPENERS.includes(text.charAt(at))) return false;
  const words = text.slice(at, at + PASSIVE_MAX).toLowerCase();
  return PASSIVE_STARTS.some((start) => words.startsWith(start)) && !tellsWhereOrHow(text, at);
}

const BEFORE_PASSIVE = /(?:^|[^a-z])(?:was|were|been|being|got|gets)\s+$/i;
const BEFORE_MAX = 7;

/** True where the words before a place make a verb there passive: "was | beaten by". */
export function isMadePassive(text: string, at: number): boolean {
  return BEFORE_PASSIVE.test(text.slice(Math.max(0, at - BEFORE_MAX), at));
}

const BY = /(?:^| )by$|^ by /i;

/** "Grandfather hit by a stranger": a past participle right behind whoever it was done to, and then who did it. */
export function isReducedPassive(
  text: string,
  ownerEnd: number,
  { start, end }: { readonly start: number; readonly end: number },
): boolean {
  return start === ownerEnd + 1 && (BY.test(text.slice(start, end)) || BY.test(text.slice(end, end + 4)));
}
