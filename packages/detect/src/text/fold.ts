/** What a character is for the reader of clauses; 0 for an ordinary character. */
export const BOUNDARY = { none: 0, soft: 1, hard: 2, dot: 3, comma: 4, colon: 5, space: 6, open: 7, close: 8 } as const;
export type Boundary = (typeof BOUNDARY)[keyof typeof BOUNDARY];

const HARD = '。！!；;\n\r\u2028\u2029';
const SOFT = '｜|';
const COMMA = '，,';
const COLON = '：:';
const OPEN = '（([【〔{《';
const CLOSE = '）)]】〕}》';
const SPACES = ' \t\u00a0\u3000\u2002\u2003\u2009';
/** Characters a system puts inside words without meaning anything: zero-width marks, a soft hyphen, a byte-order mark. */
const INVISIBLE = '\u200b\u200c\u200d\u2060\u00ad\ufeff';

export const INVISIBLE_CODES: ReadonlySet<number> = new Set(codesOf(INVISIBLE));
export const SPACE_CODES: ReadonlySet<number> = new Set(codesOf(SPACES));

/** Most of a text lies above the last of the spaces. */
export function isSpace(code: number): boolean {
  return code <= LAST_SPACE && SPACE_CODES.has(code);
}

const LAST_SPACE = 0x3000;

/** The code units of some characters. */
export function codesOf(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

/**
 * Reads any code unit as the one that terms are written in: full width as half width, capitals as small letters, and the
 * pack's own pairs (traditional forms, 淤 for 瘀, dashes). One unit stays one unit, so no offset ever moves.
 */
export function buildFold(folds: readonly string[]): Uint16Array {
  const fold = new Uint16Array(65_536);
  for (let code = 0; code < fold.length; code += 1) fold[code] = foldWidthAndCase(code);
  for (const pair of folds) {
    if (pair.length > 2) continue;
    const from = pair.charCodeAt(0);
    const to = pair.charCodeAt(1);
    fold[from] = foldWidthAndCase(to);
  }
  return fold;
}

/** A text in the form that terms are written in, unit for unit. */
export function foldText(text: string, fold: Uint16Array): string {
  let folded = '';
  let copied = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const read = fold[code] ?? 0;
    if (read === code) continue;
    // Most of a text is written so already and is taken in stretches.
    folded += text.slice(copied, index) + String.fromCharCode(read);
    copied = index + 1;
  }
  return copied === 0 ? text : folded + text.slice(copied);
}

/** The boundary kind of every code unit, width not yet folded. */
export function buildBoundaries(): Uint8Array {
  const table = new Uint8Array(65_536);
  const mark = (text: string, kind: Boundary): void => {
    for (const code of codesOf(text)) table[code] = kind;
  };
  mark(HARD, BOUNDARY.hard);
  mark(SOFT, BOUNDARY.soft);
  mark(COMMA, BOUNDARY.comma);
  mark(COLON, BOUNDARY.colon);
  mark('.．', BOUNDARY.dot);
  mark(SPACES, BOUNDARY.space);
  mark(OPEN, BOUNDARY.open);
  mark(CLOSE, BOUNDARY.close);
  return table;
}

function foldWidthAndCase(code: number): number {
  if (code === 0x3000) return 0x20;
  const half = code >= 0xff01 && code <= 0xff5e ? code - 0xfee0 : code;
  if (half >= 0x41 && half <= 0x5a) return half + 0x20;
  // Greek capitals, for Β-HCG.
  return half >= 0x391 && half <= 0x3a9 ? half + 0x20 : half;
}

/** A Han character or Chinese punctuation: next to one, a space separates nothing in English. Letters and digits of full width are what they are in half width. */
export function isCjk(code: number): boolean {
  return (
    (code >= 0x3400 && code <= 0x9fff) ||
    (code >= 0x3000 && code <= 0x303f) ||
    (code >= 0xff00 && code <= 0xffef && !isLatinLetter(code) && !isDigit(code))
  );
}

export function isDigit(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0xff10 && code <= 0xff19);
}

export function isLatinLetter(code: number): boolean {
  const half = code >= 0xff01 && code <= 0xff5e ? code - 0xfee0 : code;
  return (half >= 0x41 && half <= 0x5a) || (half >= 0x61 && half <= 0x7a);
}
