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
