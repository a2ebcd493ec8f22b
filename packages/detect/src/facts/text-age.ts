import type { EncounterSnapshot } from '@zhida/core';
import { isLatinLetter } from '../text/fold.js';

const HEAD = 80;
const WORDS_BEFORE = ['男', '女', '患儿', '患者', '婴', '，', ',', ' ', ':', '：', '约', '\n', ''];

/**
 * The age as the first words of a note give it (`男，3岁5月`, `女12岁`, `4-month-old boy`), for a record that carries none.
 * Only the head of a note is read: later an age is as likely somebody else's.
 */
export function readAgeInNotes(snapshot: EncounterSnapshot): string | undefined {
  for (const { text } of snapshot.notes ?? []) {
    const found = readHead(text.slice(0, HEAD));
    if (found !== undefined) return found;
  }
  return undefined;
}

function readHead(head: string): string | undefined {
  const years = head.indexOf('岁');
  if (years > 0) return readChinese(head, years);
  const old = head.toLowerCase().indexOf('-old');
  return old > 0 ? readEnglish(head, old) : undefined;
}

function readChinese(head: string, years: number): string | undefined {
  let start = years;
  while (start > 0 && isAgeDigit(head.charAt(start - 1))) start -= 1;
  if (start === years || !WORDS_BEFORE.includes(head.charAt(start - 1))) return undefined;
  let end = years + 1;
  while (isAgeDigit(head.charAt(end)) || (head.charAt(end) === '月' && end > years + 1)) end += 1;
  return head.charAt(end - 1) === '月' || end === years + 1 ? head.slice(start, end) : head.slice(start, years + 1);
}

function readEnglish(head: string, old: number): string | undefined {
  let start = old;
  while (start > 0 && isAgeWord(head, start - 1)) start -= 1;
  return head.slice(start, old);
}

function isAgeDigit(character: string): boolean {
  return character !== '' && '0123456789０１２３４５６７８９'.includes(character);
}

function isAgeWord(head: string, at: number): boolean {
  return head.charAt(at) === '-' || isAgeDigit(head.charAt(at)) || isLatinLetter(head.charCodeAt(at));
}
