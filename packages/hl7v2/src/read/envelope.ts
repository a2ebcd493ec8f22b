import { isUtf8 } from 'node:buffer';
import type { IssueLog } from '../issue-log.js';
import { HL7_LIMITS } from '../limits.js';
import { type Hl7Charset, asBuffer, charsetOf, decodeBytes, isPaired, wideCharset } from '../wire/charset.js';
import type { Encoding } from '../wire/escapes.js';
import { fieldsOf } from '../wire/raw-field.js';
import { RawSegment } from '../wire/raw-segment.js';
import { isSeparator } from '../wire/split.js';

/** The bytes of one message and what they are to be read with. */
export interface Envelope {
  readonly bytes: Buffer;
  readonly msh: RawSegment;
  readonly encoding: Encoding;
}

const CR = 0x0d;
const LF = 0x0a;
/** VT, FS, white space and the UTF-8 byte order mark: what may stand around a message without being part of it. */
const AROUND = new Set([0x0b, 0x1c, CR, LF, 0x20, 0x09]);
const DEFAULT_CODES = '^~\\&';

/** Opens a message as far as its separators and its charset. `undefined`, with an error, where it is none. */
export function openEnvelope(input: Uint8Array | string, log: IssueLog): Envelope | undefined {
  const given = typeof input === 'string' ? Buffer.from(input, 'utf8') : asBuffer(input);
  if (given.length > HL7_LIMITS.messageBytes) return refuse('FIELD_TOO_LONG', log);
  const wide = wideCharset(given);
  const bytes = trim(wide === undefined ? given : Buffer.from(decodeBytes(given, wide), 'utf8'));
  const headerLine = lineAt(bytes, 0);
  if (!headerLine.startsWith('MSH') || !isSeparator(bytes[3])) return refuse('MESSAGE_UNREADABLE', log);
  if (tooManySeparators(bytes)) return refuse('FIELD_TOO_LONG', log);
  const isValidUtf8 = isUtf8(bytes);
  const fields = fieldsOf(headerLine, !isValidUtf8);
  const charset = typeof input === 'string' || wide !== undefined ? 'utf-8' : charsetOf(bytes, isValidUtf8, fields, log);
  const encoding = encodingOf(headerLine, charset, log);
  // Latin-1 is not UTF-8 and has no pairs either.
  const told = isPaired(charset) === !isValidUtf8 ? fields : fieldsOf(headerLine, isPaired(charset));
  return { bytes, msh: new RawSegment(told, 'MSH', encoding), encoding };
}

/** The line that begins at an offset, one byte per code unit. */
export function lineAt(bytes: Buffer, from: number): string {
  let end = bytes.indexOf(CR, from);
  if (end === -1) end = bytes.length;
  const line = bytes.toString('latin1', from, end);
  const feed = line.indexOf('\n');
  return feed === -1 ? line : line.slice(0, feed);
}

function refuse(code: 'FIELD_TOO_LONG' | 'MESSAGE_UNREADABLE', log: IssueLog): undefined {
  log.add(code, 'MSH', 'error');
  return undefined;
}

function trim(bytes: Buffer): Buffer {
  let from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let to = bytes.length;
  while (from < to && AROUND.has(bytes[from] ?? 0)) from += 1;
  while (to > from && AROUND.has(bytes[to - 1] ?? 0)) to -= 1;
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
}

function encodingOf(headerLine: string, charset: Hl7Charset, log: IssueLog): Encoding {
  const field = headerLine.charAt(3);
  const end = headerLine.indexOf(field, 4);
  const codes = headerLine.slice(4, end === -1 ? headerLine.length : end);
  const usable = codes === DEFAULT_CODES || isUsable(codes);
  if (!usable) log.add('FIELD_MISSING', 'MSH-2');
  const [component = '^', repetition = '~', escape = '', subcomponent = ''] = usable ? codes : DEFAULT_CODES;
  return { field, component, repetition, escape, subcomponent, charset };
}

function isUsable(codes: string): boolean {
  return codes.length >= 2 && codes.length <= 5 && !/[A-Za-z0-9\s\u0080-\u00ff]/.test(codes) && new Set(codes).size === codes.length;
}

function tooManySeparators(bytes: Buffer): boolean {
  if (bytes.length <= HL7_LIMITS.separators) return false;
  const codes = new Set([bytes[3], ...bytes.subarray(4, 6)]);
  let count = 0;
  for (const byte of bytes) if (codes.has(byte)) count += 1;
  return count > HL7_LIMITS.separators;
}
