import { type Clauses, type Token, skipSpaces } from './clauses.js';

const MARKS = ':：?？';
const FIELD_REACH = 30;
const BESIDE = 1;
const LABEL_LEAD_MAX = 4;
const GAPS = ' \t\u3000\n，,。；;、：:|/）)';
const ANSWER_REACH = 8;

/**
 * A tick-box form's answer: `可疑虐待 ☑无`, `家庭暴力 □有 ☑无`, `□瘀斑`, `虐待：有□ 无☑`, `Physical abuse: denies`.
 * `undefined` when the mention is not a field of a form.
 */
export function readTicks(clauses: Clauses, token: Token, index: number): boolean | undefined {
  return ownBox(clauses, token, index) ?? chosenAnswer(clauses, token, index) ?? headedAnswer(clauses, token, index);
}

/** `□瘀斑` and, where the form puts boxes behind their labels, `瘀斑□`. A box that touches another label is that label's. */
function ownBox({ text, tokens }: Clauses, token: Token, index: number): boolean | undefined {
  for (let other = index - 1; other >= 0; other -= 1) {
    const box = tokens[other];
    if (box === undefined || box.end < token.start - BESIDE) break;
    if (!isBox(box) || box.end > token.start) continue;
    if (box.end === token.start || isGap(text.charAt(box.start - 1))) return box.kind === 'ticked';
  }
  for (let other = index + 1; other < tokens.length; other += 1) {
    const box = tokens[other];
    if (box === undefined || box.start > token.end) return undefined;
    if (isBox(box) && box.start === token.end && isGap(text.charAt(box.end))) return box.kind === 'ticked';
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
function chosenAnswer({ text, tokens, segments }: Clauses, token: Token, index: number): boolean | undefined {
  const sentence = segments[token.segment]?.sentence;
  const marks: Token[] = [];
  for (let other = index + 1; other < tokens.length; other += 1) {
    const next = tokens[other];
    if (next === undefined || next.start - token.end > FIELD_REACH || segments[next.segment]?.sentence !== sentence) break;
    if (next.kind === 'concept' && text.slice(token.end, next.start).includes('、') && marks.length === 0) continue;
    if (next.start >= token.end && isMark(next)) marks.push(next);
  }
  const first = marks[0];
  if (first === undefined || !marks.some(({ kind }) => kind === 'ticked')) return undefined;
  const boxFirst = isBox(first);
  for (let at = 0; at + 1 < marks.length; at += 1) {
    const box = boxFirst ? marks[at] : marks[at + 1];
    const label = boxFirst ? marks[at + 1] : marks[at];
    if (box?.kind !== 'ticked' || label === undefined || Math.abs(label.start - box.start) > 3) continue;
    if (label.kind === 'answer-no') return false;
    if (label.kind === 'answer-yes') return true;
  }
  return undefined;
}

function isMark({ kind }: Token): boolean {
  return kind === 'ticked' || kind === 'unticked' || kind === 'answer-no' || kind === 'answer-yes';
}

/** `虐待史：无`, `Abuse: denied`: a label opens its clause, and after its colon or question mark the first word is the answer. */
function headedAnswer({ text, tokens, segments }: Clauses, token: Token, index: number): boolean | undefined {
  const segment = segments[token.segment];
  if (segment === undefined || token.start - skipSpaces(text, segment.start) > LABEL_LEAD_MAX) return undefined;
  let colon = token.end;
  while (colon - token.end <= 4 && colon < text.length && !MARKS.includes(text.charAt(colon))) colon += 1;
  if (colon >= text.length || !MARKS.includes(text.charAt(colon))) return undefined;
  for (let other = index + 1; other < tokens.length; other += 1) {
    const next = tokens[other];
    if (next === undefined || next.start > colon + ANSWER_REACH * 4) return undefined;
    if (next.start <= colon) continue;
    if (next.kind === 'concept' || next.kind === 'terminate') return undefined;
    const answers = next.start - colon <= ANSWER_REACH && isGap(text.charAt(next.end));
    if (answers && (next.kind === 'answer-no' || next.kind === 'negate')) return false;
    if (next.kind === 'negate' && isDenial(text, next)) return false;
  }
  return undefined;
}

function isDenial(text: string, token: Token): boolean {
  return text.slice(token.start, token.end).toLowerCase().startsWith('den');
}
