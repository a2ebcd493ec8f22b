import { type IssueLog, attachedText, charsetOfText, decodeText } from '@zhida/core';
import { markedEncoding } from '../rows/decode.js';

/** The declaration is ASCII in every charset but UTF-16, and stands first. */
const DECLARATION_LENGTH = 200;
const ENCODING = /^(?:\u00ef\u00bb\u00bf)?\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]{1,40})["']/;
const WIDE = /^(?:utf-?16|ucs-?2|iso-10646-ucs-2)/i;

/**
 * The text of a file of XML. A byte order mark or the empty bytes of UTF-16 decide; else the bytes do, and what the declaration says is
 * heard where they leave a choice: a record in GB18030 that says it is UTF-8 is read, and named.
 */
export function textOfXml(bytes: Uint8Array, log: IssueLog): string {
  const wide = markedEncoding(bytes) ?? unmarkedWide(bytes);
  const declared = ENCODING.exec(String.fromCharCode(...bytes.subarray(0, DECLARATION_LENGTH)))?.[1];
  if (wide !== undefined) return cleaned(decodeText(bytes, wide), log);
  // Written by a program that made a string of UTF-16 first: the bytes are not.
  const label = declared === undefined || WIDE.test(declared) ? undefined : declared;
  const { misdeclared, ...decoded } = attachedText(bytes, label) ?? { ...decodeText(bytes, charsetOfText(bytes)), misdeclared: false };
  if (misdeclared || (declared !== undefined && label === undefined)) log.add('CHARSET_MISDECLARED', '/@encoding');
  else if (declared === undefined && charsetOfText(bytes) !== 'utf-8') log.add('CHARSET_UNDECLARED', '/@encoding', 'information');
  return cleaned(decoded, log);
}

function cleaned({ text, clean }: { readonly text: string; readonly clean: boolean }, log: IssueLog): string {
  if (!clean) log.add('TEXT_NOT_WELL_FORMED', '/');
  return text.replace(/\r\n?/g, '\n');
}

function unmarkedWide([first, second]: Uint8Array): string | undefined {
  if (first === 0x3c && second === 0) return 'utf-16le';
  return first === 0 && second === 0x3c ? 'utf-16be' : undefined;
}
