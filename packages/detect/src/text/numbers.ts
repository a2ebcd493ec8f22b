import { SPACE_CODES, isLatinLetter } from './fold.js';

/** A result as written behind the name of a test. */
export type WrittenResult =
  | { readonly kind: 'sign'; readonly positive: boolean; readonly end: number }
  | { readonly kind: 'number'; readonly value: number; readonly comparator: '<' | '>' | ''; readonly unit: string; readonly end: number };

const FILLER = ':=为示呈是约值的测试验检查结果定性量纸片染色培养涂核酸抗体原复(“"[';
const FILLER_MAX = 10;
const UNIT_LENGTH_MAX = 12;
const POSITIVE_WORDS = [
  '弱阳性',
  '阳性',
  '强阳性',
  '弱阳',
  '强阳',
  '检出',
  '可见',
  '查见',
  'positive',
  'pos',
  'detected',
  '升高',
  '明显升高',
];
const NEGATIVE_WORDS = ['阴性', 'negative', 'neg', 'not detected', 'undetectable', '正常', '未见异常', '未检出'];

/** Reads a folded text from a position: fillers, then a word, a mark, or a number with comparator and unit. */
export function readResult(folded: string, from: number): WrittenResult | undefined {
  for (let at = from; at <= from + FILLER_MAX; at += 1) {
    // Before it is passed over: 检 alone is a filler, 检出 a result.
    const read = readResultAt(folded, at);
    if (read !== undefined || at >= folded.length || !isFiller(folded, at)) return read;
  }
  return undefined;
}

const WORD_STARTS = [...NEGATIVE_WORDS, ...POSITIVE_WORDS].map((word) => word.charAt(0)).join('');

function readResultAt(folded: string, at: number): WrittenResult | undefined {
  const opensWord = WORD_STARTS.includes(folded.charAt(at));
  return (
    (opensWord ? (readWord(folded, at, NEGATIVE_WORDS, false) ?? readWord(folded, at, POSITIVE_WORDS, true)) : undefined) ??
    readMark(folded, at) ??
    readTitre(folded, at) ??
    readNumber(folded, at)
  );
}

function isFiller(text: string, at: number): boolean {
  return SPACE_CODES.has(text.charCodeAt(at)) || FILLER.includes(text.charAt(at));
}

function readWord(text: string, at: number, words: readonly string[], positive: boolean): WrittenResult | undefined {
  for (const word of words) {
    if (text.startsWith(word, at) && !isLatinLetter(text.charCodeAt(at + word.length)))
      return { kind: 'sign', positive, end: at + word.length };
  }
  return undefined;
}

function readMark(text: string, at: number): WrittenResult | undefined {
  let end = at;
  while (text.charAt(end) === '+') end += 1;
  if (end > at) return { kind: 'sign', positive: true, end };
  const mark = text.charAt(at);
  // A minus before a digit is a range or a date, not a result.
  if ((mark === '-' && !isDigitAt(text, at + 1)) || mark === '±') return { kind: 'sign', positive: false, end: at + 1 };
  return undefined;
}

/** `1:64`: a titre is a positive result. */
function readTitre(text: string, at: number): WrittenResult | undefined {
  if (text.charAt(at) !== '1' || text.charAt(at + 1) !== ':' || !isDigitAt(text, at + 2)) return undefined;
  let end = at + 2;
  while (isDigitAt(text, end)) end += 1;
  return { kind: 'sign', positive: true, end };
}

function readNumber(text: string, from: number): WrittenResult | undefined {
  let at = from;
  const sign = text.charAt(at);
  const comparator = sign === '<' || sign === '≤' ? '<' : sign === '>' || sign === '≥' ? '>' : '';
  if (comparator !== '') at = skip(text, at + 1);
  if (text.charAt(at) === '=') at = skip(text, at + 1);
  const number = readDecimal(text, at);
  if (number === undefined) return undefined;
  at = skip(text, number.end);
  const unitEnd = unitEndAt(text, at);
  return { kind: 'number', value: number.value, comparator, unit: text.slice(at, unitEnd), end: unitEnd > at ? unitEnd : number.end };
}

/** A plain decimal number, thousands separated by commas allowed; `undefined` when no digit stands there. */
export function readDecimal(text: string, from: number): { value: number; end: number } | undefined {
  let at = from;
  let digits = '';
  while (isDigitAt(text, at) || (text.charAt(at) === ',' && isDigitAt(text, at + 1) && digits !== '')) {
    if (text.charAt(at) !== ',') digits += text.charAt(at);
    at += 1;
  }
  if (digits === '' || digits.length > 12) return undefined;
  if (text.charAt(at) === '.' && isDigitAt(text, at + 1)) {
    digits += '.';
    at += 1;
    while (isDigitAt(text, at)) {
      digits += text.charAt(at);
      at += 1;
    }
  }
  return { value: Number(digits), end: at };
}

function unitEndAt(text: string, from: number): number {
  let at = from;
  while (at < text.length && at - from < UNIT_LENGTH_MAX && isUnitCharacter(text, at)) at += 1;
  return at;
}

function isUnitCharacter(text: string, at: number): boolean {
  return isLatinLetter(text.charCodeAt(at)) || isDigitAt(text, at) || '/^×*μµ%‰'.includes(text.charAt(at));
}

export function isDigitAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

function skip(text: string, from: number): number {
  let at = from;
  while (SPACE_CODES.has(text.charCodeAt(at))) at += 1;
  return at;
}
