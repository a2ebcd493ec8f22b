import { charsetOfText, decodeText } from '@zhida/core';

/**
 * Decodes a file. A byte order mark decides; else what the mapping says; else valid UTF-8 is UTF-8 and anything else is
 * GB18030, of which GB2312 and GBK are parts. Bytes that are no character become U+FFFD, and the cells they stand in are named.
 */
export function decodeFile(bytes: Uint8Array, declared: 'utf-8' | 'gb18030' | undefined): string {
  return decodeText(bytes, markedEncoding(bytes) ?? declared ?? charsetOfText(bytes)).text;
}

/** The encoding a byte order mark says. */
export function markedEncoding(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}
