import { type Clauses, type Clause, type Token, skipSpaces } from './clauses.js';
import { BOUNDARY, isCjk } from './fold.js';

const LIST_ITEM_MAX = 8;
const ENGLISH_ITEM_WORDS_MAX = 4;
const ENGLISH_ITEMS_MAX = 12;

/**
 * Negation ends with its clause, with three exceptions: the cue stands right before a mark other than a comma (否认：…, "无 虐待"); a
 * Chinese list of …史 goes on over a comma; an English list goes on until its "or".
 */
export function carriesNegation(negatedFrom: number, index: number, clauses: Clauses, previous: Clause, current: Clause): boolean {
  if (negatedFrom < 0 || current.opener === BOUNDARY.hard || current.opener === BOUNDARY.dot) return false;
  if (skipSpaces(clauses.text, negatedFrom) >= previous.end) return current.opener !== BOUNDARY.comma;
  if (current.opener !== BOUNDARY.comma && current.opener !== BOUNDARY.space) return false;
  const item = clauses.text.slice(current.start, current.end).trim();
  if (isCjk(item.charCodeAt(0))) return item.length <= LIST_ITEM_MAX && item.endsWith('史') && !item.startsWith('有');
  return current.opener === BOUNDARY.comma && continuesEnglishList(clauses, index);
}

/** "denies A, B or C": every item up to the one with "or" is short. "no fever, bruises seen" is not a list. */
function continuesEnglishList(clauses: Clauses, from: number): boolean {
  for (let index = from; index < from + ENGLISH_ITEMS_MAX; index += 1) {
    const item = clauses.clauses[index];
    if (item === undefined || (index > from && item.opener !== BOUNDARY.comma)) return false;
    const words = clauses.text.slice(item.start, item.end).trim().toLowerCase().split(/\s+/);
    const or = words.findIndex((word) => word === 'or' || word === 'nor');
    if (or >= 0) return or <= ENGLISH_ITEM_WORDS_MAX - 1 && words.length - or <= ENGLISH_ITEM_WORDS_MAX;
    if (words.length > ENGLISH_ITEM_WORDS_MAX) return false;
  }
  return false;
}

/** 如有虐待、家暴，性侵. What opens with when it was (昨被同学殴打) tells of something that was. */
export function isListItem(text: string, { start, end }: Clause): boolean {
  return end - start <= LIST_ITEM_MAX && isCjk(text.charCodeAt(start)) && !'昨今已仍'.includes(text.charAt(start));
}

/** What is asked item by item is denied at the end of the list, however long: 问及被打、被摸、网上威胁、不想活——逐项否认. */
const ITEMS_BETWEEN = /^[^、\s]{0,6}(?:、[^、。；;]{1,12}){2,}$/;

/** Whether a cue behind a mention still speaks of it though it stands far away. */
export function reachesFurther({ kind }: Token, between: string): boolean {
  if (kind === 'procedure-mark') return isCausedBy(between);
  return kind === 'negate-after' && ITEMS_BETWEEN.test(between);
}

/** "bruising of both hands after five cannulation attempts": English names the cause behind the place. */
function isCausedBy(between: string): boolean {
  return CAUSES.some((cause) => between.includes(cause));
}

const CAUSES = [' after ', ' from ', ' following ', ' due to ', ' secondary to '];

const ITEM_MARK = '、';

/** 被打、被摸、被拍照，均否认。: a clause that is a list, and behind its comma nothing but the denial of all of it. */
export function isDeniedTogether({ text, tokens, clauses }: Clauses, token: Token, index: number): boolean {
  const list = clauses[token.clause];
  const next = clauses[token.clause + 1];
  if (list === undefined || next?.opener !== BOUNDARY.comma) return false;
  const mark = text.indexOf(ITEM_MARK, list.start);
  if (mark < 0 || mark >= list.end) return false;
  const begin = skipSpaces(text, next.start);
  for (let other = index + 1; other < tokens.length; other += 1) {
    const cue = tokens[other];
    if (cue === undefined || cue.start > begin) return false;
    if (cue.kind === 'negate-after' && cue.start === begin) return skipSpaces(text, cue.end) >= next.end;
  }
  return false;
}
