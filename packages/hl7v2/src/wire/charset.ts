import { isMostlyUtf8, table } from '@zhida/core';
import { isAscii } from 'node:buffer';
import type { IssueLog } from '../issue-log.js';

/** How the bytes of a message were read. */
export type Hl7Charset = 'us-ascii' | 'utf-8' | 'gb18030' | 'iso-8859-1' | 'big5' | 'utf-16le' | 'utf-16be';

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
const decoders = new Map<string, TextDecoder>();

/** Bytes as text, whatever their charset: a character that is none becomes U+FFFD. */
export function decodeBytes(bytes: Uint8Array, charset: Hl7Charset): string {
  if (charset === 'us-ascii' || charset === 'utf-8') return asBuffer(bytes).toString('utf8');
  if (charset === 'iso-8859-1') return asBuffer(bytes).toString('latin1');
  return decoderOf(charset, false).decode(bytes);
}

/**
 * Finds out how the bytes of a message are to be read. The bytes decide, MSH-18 is heard where they leave a choice: valid
 * UTF-8 is UTF-8, also where it is cut here and there; other high bytes are GB18030 unless the declaration says otherwise and fits. `header` are the fields
 * of MSH, as far as they can be told apart before the charset is known.
 */
export function charsetOf(bytes: Uint8Array, isValidUtf8: boolean, header: readonly string[], log: IssueLog): Hl7Charset {
  if (isAscii(bytes)) return 'us-ascii';
  const written = (header[CHARSET_FIELD] ?? '').split('~')[0]?.trim().toUpperCase() ?? '';
  const declared = DECLARATIONS.get(written);
  const charset = isValidUtf8 ? withValidUtf8(bytes, declared) : withoutUtf8(bytes, declared);
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

function withValidUtf8(bytes: Uint8Array, declared: Hl7Charset | undefined): Hl7Charset {
  // Two GB bytes can happen to be one UTF-8 character of Latin, Greek or Cyrillic, three of them never look like Chinese by chance.
  const byChance = declared === 'gb18030' && !bytes.some((byte) => byte >= 0xe0) && isValid(bytes, 'gb18030');
  return byChance ? 'gb18030' : 'utf-8';
}

function withoutUtf8(bytes: Uint8Array, declared: Hl7Charset | undefined): Hl7Charset {
  // A field cut inside a character, as senders with lengths in bytes cut it, must not make Chinese of another kind of the rest.
  if (isMostlyUtf8(decodeBytes(bytes, 'utf-8'))) return 'utf-8';
  if (declared === 'big5' && isValid(bytes, 'big5')) return 'big5';
  const gb = isValid(bytes, 'gb18030');
  if (declared === 'iso-8859-1') return gb && looksChinese(bytes) ? 'gb18030' : 'iso-8859-1';
  // Neither is clean: a message cut inside a character is still read as what it says it is.
  return gb || declared !== 'utf-8' ? 'gb18030' : 'utf-8';
}

/** In Latin-1 an accented letter stands among plain ones; in Chinese text high bytes come in pairs of the common characters. */
function looksChinese(bytes: Uint8Array): boolean {
  let pairs = 0;
  let others = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const [lead = 0, trail = 0] = [bytes[index], bytes[index + 1]];
    if (lead < 0x80) continue;
    if (lead >= 0xa1 && lead <= 0xf7 && trail >= 0xa1) {
      pairs += 1;
      index += 1;
    } else others += 1;
  }
  return pairs > others * 4;
}

function isValid(bytes: Uint8Array, charset: Hl7Charset): boolean {
  try {
    decoderOf(charset, true).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function decoderOf(charset: Hl7Charset, fatal: boolean): TextDecoder {
  const key = `${charset} ${fatal}`;
  const known = decoders.get(key);
  if (known !== undefined) return known;
  const decoder = new TextDecoder(charset, { fatal });
  decoders.set(key, decoder);
  return decoder;
}

/** True where a high byte and the next one are one character, so that the second may look like a separator. */
export function isPaired(charset: Hl7Charset): boolean {
  return charset === 'gb18030' || charset === 'big5';
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
