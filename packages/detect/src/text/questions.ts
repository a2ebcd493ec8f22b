/** A mark that asks where a question word stands before it, and doubts where none does. */
export function isQuestionMark(text: string, { start, end }: { readonly start: number; readonly end: number }): boolean {
  return end - start === 1 && '?？'.includes(text.charAt(start));
}

const WHEN_IT_HAPPENED = /^[^，。；？?]{0,6}(?:的时候|那[次天晚])/;
const REACH = 10;

/** 是不是他打我的时候传的？: what is asked is something else; that it happened is said. */
export function isTakenForGranted(text: string, end: number): boolean {
  return WHEN_IT_HAPPENED.test(text.slice(end, end + REACH));
}

/** Words that make the name of a suspicion with what stands behind them. 考虑 and 待排 tell what somebody thinks after a denial: they are none. */
const SUSPICION = /^(?:疑似|可疑|怀疑|suspected|suspicio(?:n of|us for)|alleged|allegations? of|possible|concerns? (?:for|about))$/iu;
const BETWEEN = /^(?:有|明显|any)?$/u;

/** 未见可疑虐待征象, "denies alleged assault": the suspicion itself is what is denied. 无 疑似虐待 and 无，疑似虐待 suspect. */
export function isSuspicionDenied(
  text: string,
  negatedFrom: number,
  { start, end }: { readonly start: number; readonly end: number },
): boolean {
  if (negatedFrom < 0 || !SUSPICION.test(text.slice(start, end))) return false;
  const between = text.slice(negatedFrom, start);
  return BETWEEN.test(text.charCodeAt(start) < LATIN_END ? between.trim() : between);
}

const LATIN_END = 0x250;
