import { asBuffer, decodeBytes, wideCharset } from './charset.js';

/** A stretch of a file that should be one message. */
export interface MessagePiece {
  readonly bytes: Uint8Array;
  /** Line of the file it begins on, from 1; CR, LF and CR LF each end one. */
  readonly line: number;
}

const VT = 0x0b;
const FS = 0x1c;
const CR = 0x0d;
const LF = 0x0a;
const BATCH_ENVELOPE = /^(?:FHS|BHS|BTS|FTS)[^A-Za-z0-9\s]/;
const HEADER = 'MSH';

/**
 * The messages of a file, in order, whatever stands between them: MLLP frames, carriage returns, line feeds, blank lines,
 * batch envelopes. A message begins where a line begins with `MSH` and a separator.
 *
 * What is in no message (text before the first, a frame without a header) is given as a piece of its own, so that the
 * reader names it; nothing is lost in silence.
 */
export function* messagesIn(input: Uint8Array): Generator<MessagePiece> {
  const bytes = narrow(input);
  const lines = lineCounter(bytes);
  for (const { from, to } of framesIn(bytes)) {
    let start = from;
    for (let next = headerAfter(bytes, from, to); ; next = headerAfter(bytes, next + HEADER.length, to)) {
      const piece = bytes.subarray(start, unmarked(bytes, next));
      if (!isEmpty(piece)) yield { bytes: piece, line: lines(start) };
      if (next >= to) break;
      start = next;
    }
  }
}

/** UTF-16 has separators of two bytes; it is brought to UTF-8 first. */
function narrow(input: Uint8Array): Buffer {
  const bytes = asBuffer(input);
  const wide = wideCharset(bytes);
  if (wide !== undefined) return Buffer.from(decodeBytes(bytes, wide).replace(/^\uFEFF/, ''), 'utf8');
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** Stretches between the marks of MLLP frames; a file without them is one stretch. */
function* framesIn(bytes: Buffer): Generator<{ from: number; to: number }> {
  const marks = [finderOf(bytes, VT), finderOf(bytes, FS)] as const;
  let from = 0;
  while (from <= bytes.length) {
    const to = Math.min(marks[0](from), marks[1](from));
    if (to > from) yield { from, to };
    from = to + 1;
  }
}

/** The next place of a byte; remembers it, so that a file without one mark is not searched for it after each of the other. */
function finderOf(bytes: Buffer, byte: number): (from: number) => number {
  let found = -1;
  return (from) => {
    if (found < from) found = bytes.indexOf(byte, from);
    if (found === -1) found = bytes.length;
    return found;
  };
}

function headerAfter(bytes: Buffer, from: number, to: number): number {
  const stretch = bytes.subarray(0, to);
  for (let at = stretch.indexOf(HEADER, from); at !== -1; at = stretch.indexOf(HEADER, at + 1)) {
    const before = bytes[unmarked(bytes, at) - 1];
    const startsLine = before === undefined || before === CR || before === LF || before === VT || before === FS;
    if (startsLine && isSeparator(bytes[at + HEADER.length])) return at;
  }
  return to;
}

/** Where a byte order mark before this place begins, which files put together leave in the middle; else the place itself. */
function unmarked(bytes: Buffer, at: number): number {
  return bytes[at - 3] === 0xef && bytes[at - 2] === 0xbb && bytes[at - 1] === 0xbf ? at - 3 : at;
}

/** Any sign may part the fields, letters, digits, white space and high bytes cannot. */
export function isSeparator(byte: number | undefined): boolean {
  if (byte === undefined || byte <= 0x20 || byte >= 0x7f) return false;
  const isDigit = byte >= 0x30 && byte <= 0x39;
  const isLetter = (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
  return !isDigit && !isLetter;
}

function isEmpty(piece: Buffer): boolean {
  // Only a short piece can be white space or an envelope; a message is never turned into text for this.
  if (piece.length > 4_096) return false;
  const text = piece.toString('latin1');
  return text.split(/[\r\n]+/).every((line) => line.trim() === '' || BATCH_ENVELOPE.test(line));
}

/** Counts lines as it goes forward: each byte is looked at once. */
function lineCounter(bytes: Buffer): (offset: number) => number {
  let line = 1;
  let counted = 0;
  return (offset) => {
    for (; counted < offset; counted += 1) {
      const byte = bytes[counted];
      if (byte === CR || (byte === LF && bytes[counted - 1] !== CR)) line += 1;
    }
    return line;
  };
}
