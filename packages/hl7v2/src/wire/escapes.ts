import { type Hl7Charset, decodeBytes } from './charset.js';

/** The characters MSH-1 and MSH-2 give a meaning to, and the charset bytes in hexadecimal are in. */
export interface Encoding {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escape: string;
  readonly subcomponent: string;
  readonly charset: Hl7Charset;
}

/**
 * Stands in for the backslash while the parser holds the text. The parser would resolve escapes before components can be
 * told apart, turn `\H\` into a letter and read bytes as UTF-8; a control character of no use in a chart keeps it away.
 */
export const BACKSLASH_STAND_IN = '\u0001';

const ESCAPE_LENGTH_MAX = 4_096;
const HEXADECIMAL = /^X(?:[0-9A-Fa-f]{2})+$/;
const FORMATTING = /^\.(br|sp|in|ti|sk|fi|nf|ce)([+-]?\d{0,3})$/;
const SPACES_MAX = 80;

/**
 * Resolves the escapes of HL7 v2 §2.7: `\F\ \S\ \T\ \R\ \E\`, `\Xhh…\` in the message's charset, the formatting commands of
 * FT (`\.br\` and `\.spN\` break lines, `\.skN\` are spaces, the rest of the page layout goes), highlighting goes.
 * What is no escape, such as the backslash of a path, stays as it is.
 */
export function unescape(text: string, encoding: Encoding): string {
  const mark = encoding.escape === '\\' ? BACKSLASH_STAND_IN : encoding.escape;
  const isEscaped = mark !== '' && text.includes(mark);
  if (!isEscaped && mark === BACKSLASH_STAND_IN) return text;
  const resolved = isEscaped ? resolve(text, mark, encoding) : text;
  return resolved.includes(BACKSLASH_STAND_IN) ? resolved.replaceAll(BACKSLASH_STAND_IN, '\\') : resolved;
}

function resolve(text: string, mark: string, encoding: Encoding): string {
  let result = '';
  let position = 0;
  for (let open = text.indexOf(mark); open !== -1; open = text.indexOf(mark, position)) {
    const close = text.indexOf(mark, open + 1);
    if (close === -1) break;
    const bytes = bytesFrom(text, open, mark);
    if (bytes !== undefined) {
      result += text.slice(position, open) + bytesOf(bytes.hexadecimal, encoding);
      position = bytes.end;
      continue;
    }
    const meaning = close - open > ESCAPE_LENGTH_MAX ? undefined : meaningOf(text.slice(open + 1, close), encoding);
    // No escape: the second mark may open one.
    result += meaning === undefined ? text.slice(position, close) : text.slice(position, open) + meaning;
    position = meaning === undefined ? close : close + 1;
  }
  return result + text.slice(position);
}

/** Bytes in hexadecimal, of as many escapes as follow one another: some senders write one for each byte of a character. */
function bytesFrom(text: string, open: number, mark: string): { readonly hexadecimal: string; readonly end: number } | undefined {
  let hexadecimal = '';
  let end = open;
  while (text.startsWith(`${mark}X`, end)) {
    const close = text.indexOf(mark, end + 1);
    const code = close === -1 || close - end > ESCAPE_LENGTH_MAX ? '' : text.slice(end + 1, close);
    if (!HEXADECIMAL.test(code)) break;
    hexadecimal += code.slice(1);
    end = close + 1;
  }
  return hexadecimal === '' ? undefined : { hexadecimal, end };
}

function meaningOf(code: string, encoding: Encoding): string | undefined {
  switch (code) {
    case 'F':
      return encoding.field;
    case 'S':
      return encoding.component;
    case 'T':
      return encoding.subcomponent;
    case 'R':
      return encoding.repetition;
    case 'E':
      return encoding.escape;
    case 'P':
      return '#';
    case 'H':
    case 'N':
      return '';
    default:
      return formattingOf(code);
  }
}

function bytesOf(hexadecimal: string, encoding: Encoding): string {
  return decodeBytes(Buffer.from(hexadecimal, 'hex'), encoding.charset).replace(/\r\n?/g, '\n');
}

function formattingOf(code: string): string | undefined {
  const match = FORMATTING.exec(code);
  if (match === null) return /^(?:C[0-9A-Fa-f]{4}|M[0-9A-Fa-f]{4,6}|Z[0-9A-Fa-f]+)$/.test(code) ? '' : undefined;
  const count = Math.min(SPACES_MAX, Math.max(1, Number(match[2]) || 1));
  if (match[1] === 'br' || match[1] === 'ce') return '\n';
  if (match[1] === 'sp') return '\n'.repeat(count);
  return match[1] === 'sk' ? ' '.repeat(count) : '';
}
