import { type TextCharset, charsetOfText, decodeText, table } from '@zhida/core';
import { isAscii } from 'node:buffer';
import type { IssueLog } from '../issue-log.js';

/** How the bytes of a message were read. */
export type Hl7Charset = TextCharset | 'us-ascii' | 'utf-16le' | 'utf-16be';

/** HL7 table 0211 and what hospitals write instead. GB2312 and GBK are parts of GB18030. */
const DECLARATIONS = table<Hl7Charset>({
  ASCII: 'us-ascii',
  'US-ASCII': 'us-ascii',
  'ISO IR6': 'us-ascii',
  '8859/1': 'iso-8859-1',
  'ISO-8859-1': 'iso-8859-1',
  'ISO8859-1': 'iso-8859-1',
  LATIN1: 'iso-8859-1',
  UNICODE: 'utf-8',
  'UNICODE UTF-8': 'utf-8',
  'UTF-8': 'utf-8',
  UTF8: 'utf-8',
  'UNICODE UTF-16': 'utf-16le',
  'UTF-16': 'utf-16le',
  'GB 18030-2000': 'gb18030',
  'GB 18030-2005': 'gb18030',
  'GB 18030': 'gb18030',
  'GB18030-2000': 'gb18030',
  GB18030: 'gb18030',
  GBK: 'gb18030',
  CP936: 'gb18030',
  GB2312: 'gb18030',
  'GB 2312': 'gb18030',
  'GB2312-80': 'gb18030',
  'BIG-5': 'big5',
  BIG5: 'big5',
});

const CHARSET_FIELD = 18;

/** Bytes as text, whatever their charset: a character that is none becomes U+FFFD. */
export function decodeBytes(bytes: Uint8Array, charset: Hl7Charset): string {
  if (charset === 'us-ascii' || charset === 'utf-8') return asBuffer(bytes).toString('utf8');
  if (charset === 'iso-8859-1') return asBuffer(bytes).toString('latin1');
  return decodeText(bytes, charset).text;
}

/**
 * Finds out how the bytes of a message are to be read: as {@link charsetOfText} says, which hears MSH-18 where the bytes leave a choice.
 * `header` are the fields of MSH, as far as they can be told apart before the charset is known.
 */
export function charsetOf(bytes: Uint8Array, isValidUtf8: boolean, header: readonly string[], log: IssueLog): Hl7Charset {
  if (isAscii(bytes)) return 'us-ascii';
  const written = (header[CHARSET_FIELD] ?? '').split('~')[0]?.trim().toUpperCase() ?? '';
  const declared = DECLARATIONS.get(written);
  const charset = charsetOfText(bytes, declared, isValidUtf8);
  if (written === '') log.add('CHARSET_UNDECLARED', 'MSH-18', 'information');
  else if (declared !== charset) log.add('CHARSET_MISDECLARED', 'MSH-18');
  return charset;
}

/** UTF-16: a byte order mark, or every other byte of `MSH` empty. */
export function wideCharset(bytes: Uint8Array): Hl7Charset | undefined {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0x4d && bytes[1] === 0 && bytes[2] === 0x53)) return 'utf-16le';
  if ((bytes[0] === 0xfe && bytes[1] === 0xff) || (bytes[0] === 0 && bytes[1] === 0x4d && bytes[2] === 0)) return 'utf-16be';
  return undefined;
}

/** True where a high byte and the next one are one character, so that the second may look like a separator. */
export function isPaired(charset: Hl7Charset): boolean {
  return charset === 'gb18030' || charset === 'big5';
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
