import { isMostlyUtf8 } from '@zhida/core';

/** The text of a file, and whether every byte of it was a character. */
export interface DecodedText {
  readonly text: string;
  readonly clean: boolean;
}

/**
 * Decodes a file. A byte order mark decides; else what the mapping says; else valid UTF-8 is UTF-8 and anything else is
 * GB18030, of which GB2312 and GBK are parts. Bytes that are no character become U+FFFD, and the cells they stand in are named.
 */
export function decodeFile(bytes: Uint8Array, declared: 'utf-8' | 'gb18030' | undefined): DecodedText {
  const marked = markedEncoding(bytes);
  if (marked !== undefined) return decode(bytes, marked);
  if (declared !== undefined) return decode(bytes, declared);
  const utf8 = decode(bytes, 'utf-8');
  return utf8.clean || isMostlyUtf8(utf8.text) ? utf8 : decode(bytes, 'gb18030');
}

function markedEncoding(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

function decode(bytes: Uint8Array, encoding: string): DecodedText {
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), clean: true };
  } catch {
    return { text: new TextDecoder(encoding).decode(bytes), clean: false };
  }
}
