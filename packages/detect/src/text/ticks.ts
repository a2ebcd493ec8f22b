import { codesOf } from './fold.js';
import { CLOSING_QUOTE, type Clauses, type Token, skipSpaces } from './clauses.js';

const MARKS: ReadonlySet<number> = new Set(codesOf(':：?？'));
const LABEL_DISTANCE_MAX = 4;
const BOX_GAP_MAX = 3;
const FIELD_REACH = 30;
const BESIDE = 1;
const LABEL_LEAD_MAX = 4;
const JOINED_LEAD_MAX = 20;
const GAPS = ' .\t\u3000\n，,。；;、：:|/）)';
const ANSWER_REACH = 8;

/**
 * A tick-box form's answer: `可疑虐待 ☑无`, `家庭暴力 □有 ☑无`, `□瘀斑`, `虐待：有□ 无☑`, `Physical abuse: denies`, `“父母打我”选“从无”`.
 * `undefined` when the mention is not a field of a form.
 */
export function readTicks(clauses: Clauses, token: Token, index: number): boolean | undefined {
  const boxed = clauses.hasBoxes ? (ownBox(clauses, token, index) ?? chosenAnswer(clauses, token, index)) : undefined;
  return (
    boxed ??
    codedAnswer(clauses, token) ??
    headedAnswer(clauses, token, index) ??
    trailingAnswer(clauses, token) ??
    quotedAnswer(clauses, token)
  );
}

const QUOTE_REACH = 30;
const QUOTED_NO =
  /^[：:\s]*(?:选择?|回?答|填|勾选?|打分?|评|计|为|是|得分?|scored?|answered|rated|marked)?[：:\s]*[“"「‘']?(?:0(?![\d.])|[零〇]分|从[无不未]|没有|无|否|不符合|完全[没不]|never|no(?:ne)?|nil|not at all)(?=[”"」’'，,.。；;、)）\s]|$)/i;

/** `“父母打骂我”选“从无”`, `item 9 "better off dead": 0`: the item of a questionnaire stands in quotes, and its answer right behind them. */
function quotedAnswer({ text, hasQuotes }: Clauses, token: Token): boolean | undefined {
  const near = hasQuotes ? text.slice(token.end, token.end + QUOTE_REACH + 1).search(CLOSING_QUOTE) : -1;
  if (near < 0) return undefined;
  const behind = token.end + near + 1;
  return QUOTED_NO.test(text.slice(behind, behind + QUOTE_REACH)) ? false : undefined;
}

const NO_MARKS = ['（无）', '(无)', '（否）', '(否)', '无', '否', '(-)', '（-）', '（－）', '(－)', '×', '✗', '✘'];
/** What the marks and the English words begin with: nearly every mention is told apart here. */
const NO_OPENERS: ReadonlySet<number> = new Set([...NO_MARKS.map((mark) => mark.charCodeAt(0)), ...codesOf('nN')]);
const ITEM_ENDS = ' \t\u3000\n，,。；;、|/)）';
const ENGLISH_NO = /^n(?:o|il|one|ever)?(?=\s*[,;.|/)\n]|$)/i;

/** The rest of a label behind what it names, and the labels joined to it: 受虐待迹象 无, 自杀、自残行为 无. */
const LABEL_REST =
  /^(?:[\u4e00-\u9fff]{2})?(?:[、/和或与及][\u4e00-\u9fff]{2,6}){0,4}?(?:迹象|征象|行为|情况|表现|经历|意念|想法|倾向|嫌疑|风险|史)?(?=[\s:：]{0,2}[（(]?[无否])/;
const LABEL_REST_MAX = 32;

/** `自杀 无；伤人 无`, `妊娠否 性生活否`, `虐待×`, `delay no, other injuries no`: a list of labels, each with its answer right behind and nothing after that. */
function trailingAnswer({ text }: Clauses, token: Token): boolean | undefined {
  const end = token.end + (LABEL_REST.exec(text.slice(token.end, token.end + LABEL_REST_MAX))?.[0].length ?? 0);
  const at = skipSpaces(text, end);
  if (at - end > BESIDE || !NO_OPENERS.has(text.charCodeAt(at))) return undefined;
  const mark = NO_MARKS.find((word) => text.startsWith(word, at));
  if (mark === undefined) return ENGLISH_NO.test(text.slice(at, at + 3)) ? false : undefined;
  // A bracket closes the answer by itself: 伤情与病史不符（否）既往类似伤（否）.
  if (mark.length > 1) return false;
  const next = text.charAt(at + mark.length);
  return next === '' || ITEM_ENDS.includes(next) ? false : undefined;
}

const CODE_REACH = 48;
/** Spaces, brackets, colons and digits: what the choices may open with. */
const CODE_OPENERS: ReadonlySet<number> = new Set(
  codesOf(
    '（(:：0123456789 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff',
  ),
);
const CODED =
  /^\s*[（(:：]?\s*((?:\d[.、．:：=]?\s*[^\s\d，,、/。；;()（）]{1,4}[\s，,、/；;]*){2,5})[)）]?\s*[:：]?\s*[【[（(|_□]?\s*(\d)(?=\s*[】\])）|_。；;，,]|\s*$|\s*\n)/;

/** `虐待（1无 2有）：1`, `家庭暴力 1.是 2.否 【2】`: the answer is the number of a choice. */
function codedAnswer({ text }: Clauses, token: Token): boolean | undefined {
  if (!CODE_OPENERS.has(text.charCodeAt(token.end))) return undefined;
  const choices = CODED.exec(text.slice(token.end, token.end + CODE_REACH));
  const chosen = choices?.[1]?.match(new RegExp(`${choices[2]}[.、．:：=]?\\s*(无|否|没|从|no|never|有|是|yes)`, 'i'))?.[1]?.toLowerCase();
  return chosen === undefined ? undefined : ['有', '是', 'yes'].includes(chosen);
}

/** `□瘀斑` and, where the form puts boxes behind their labels, `瘀斑□`. A box that touches another label is that label's. */
function ownBox(clauses: Clauses, token: Token, index: number): boolean | undefined {
  const { text, tokens } = clauses;
  for (let other = index - 1; other >= 0; other -= 1) {
    const box = tokens[other];
    if (box === undefined || box.end < token.start - BESIDE) break;
    if (!isBox(box) || box.end > token.start) continue;
    // ☑无性生活: what is ticked is the denial.
    if (text.slice(box.end, token.start).trim() !== '') break;
    if (box.end === token.start || isGap(text.charAt(box.start - 1))) return box.kind === 'ticked';
  }
  return boxBehind(clauses, token, index);
}

/** Labels that share the box behind the last of them: 虐待/暴力□. */
const JOINED_LABELS = /^(?:[/／][\u4e00-\u9fff]{1,6}){1,3}(?=[□☐☑☒■])/;
const JOINED_LABELS_MAX = 24;

/** The box right behind a label, or behind the labels that share it. */
function boxBehind({ text, tokens }: Clauses, token: Token, index: number): boolean | undefined {
  const joined = token.end + (JOINED_LABELS.exec(text.slice(token.end, token.end + JOINED_LABELS_MAX))?.[0].length ?? 0);
  for (let other = index + 1; other < tokens.length; other += 1) {
    const box = tokens[other];
    if (box === undefined || box.start > joined) return undefined;
    if (isBox(box) && (box.start === token.end || box.start === joined) && isGap(text.charAt(box.end))) return box.kind === 'ticked';
  }
  return undefined;
}

function isBox({ kind }: Token): boolean {
  return kind === 'ticked' || kind === 'unticked';
}

function isGap(character: string): boolean {
  return character === '' || GAPS.includes(character);
}

/** The label of the ticked box among those behind the mention; a box may stand before its label or behind it. */
function chosenAnswer(clauses: Clauses, token: Token, index: number): boolean | undefined {
  const marks = marksBehind(clauses, token, index);
  const first = marks[0];
  if (first === undefined || !marks.some(({ kind }) => kind === 'ticked')) return undefined;
  const boxFirst = isBox(first);
  for (let at = 0; at + 1 < marks.length; at += 1) {
    const answer = boxFirst ? answerOf(marks[at], marks[at + 1]) : answerOf(marks[at + 1], marks[at]);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** The boxes and answers of the field the mention labels: those of its sentence, near it. */
function marksBehind({ tokens, clauses }: Clauses, token: Token, index: number): Token[] {
  const sentence = clauses[token.clause]?.sentence;
  const marks: Token[] = [];
  for (let other = index + 1; other < tokens.length; other += 1) {
    const next = tokens[other];
    if (next === undefined || next.start - token.end > FIELD_REACH || clauses[next.clause]?.sentence !== sentence) break;
    if (next.start >= token.end && isMark(next)) marks.push(next);
  }
  return marks;
}

function answerOf(box: Token | undefined, label: Token | undefined): boolean | undefined {
  if (box?.kind !== 'ticked' || label === undefined) return undefined;
  if ((label.start >= box.end ? label.start - box.end : box.start - label.end) > BOX_GAP_MAX) return undefined;
  if (label.kind === 'answer-no') return false;
  return label.kind === 'answer-yes' ? true : undefined;
}

function isMark({ kind }: Token): boolean {
  return kind === 'ticked' || kind === 'unticked' || kind === 'answer-no' || kind === 'answer-yes';
}

/** A label that was left blank says nothing. */
const BLANK = /^[:：]\s*(?:未填|未评|未询|未查|不详|未详|不适用|unknown|n\/?a\b|[-—/_]+\s*(?:[；;，,。\n]|$)|[；;。\n]|$)/i;

/** `虐待史：无`, `Abuse: denied`: a label opens its clause, and after its colon or question mark the first word is the answer. */
function headedAnswer(clauses: Clauses, token: Token, index: number): boolean | undefined {
  const colon = colonOf(clauses, token);
  if (colon < 0) return undefined;
  const { text, tokens } = clauses;
  if (BLANK.test(text.slice(colon, colon + ANSWER_REACH))) return false;
  for (let other = index + 1; other < tokens.length; other += 1) {
    const next = tokens[other];
    if (next === undefined || next.start > colon + ANSWER_REACH * 4) return undefined;
    if (next.start <= colon) continue;
    if ((next.kind === 'concept' && !isPerson(tokens, next)) || next.kind === 'terminate') return undefined;
    if (isNoAnswer(text, next, next.start - colon)) return false;
    if (next.kind === 'answer-yes' && next.start - colon <= ANSWER_REACH && isGap(text.charAt(next.end))) return true;
  }
  return undefined;
}

/** 母亲 names somebody who may answer, whatever concept the word belongs to as well. */
function isPerson(tokens: readonly Token[], { start }: Token): boolean {
  return tokens.some((token) => token.start === start && (token.kind === 'relative' || token.kind === 'patient'));
}

/** Where the colon or question mark of a label stands, -1 when the mention is no label. */
function colonOf({ text, clauses }: Clauses, token: Token): number {
  const clause = clauses[token.clause];
  if (clause === undefined) return -1;
  // `Abuse/neglect: none`: the last of joined labels answers for all of them.
  const lead = token.start - skipSpaces(text, clause.start);
  if (lead > (text.charAt(token.start - 1) === '/' ? JOINED_LEAD_MAX : LABEL_LEAD_MAX)) return -1;
  return markBehind(text, token.end);
}

/** Where the colon or question mark behind a label stands, -1 when there is none. */
function markBehind(text: string, end: number): number {
  for (let at = end; at < text.length && at - end <= LABEL_DISTANCE_MAX; at += 1) if (MARKS.has(text.charCodeAt(at))) return at;
  return -1;
}

/** Whether words that end here may be a label, by what stands behind them. */
export function isLabel(text: string, end: number): boolean {
  return markBehind(text, end) >= 0;
}

function isNoAnswer(text: string, token: Token, distance: number): boolean {
  if (token.kind !== 'answer-no' && token.kind !== 'negate') return false;
  if (distance <= ANSWER_REACH && isGap(text.charAt(token.end))) return true;
  return token.kind === 'negate' && isDenial(text, token);
}

function isDenial(text: string, token: Token): boolean {
  return text.slice(token.start, token.end).toLowerCase().startsWith('den');
}
