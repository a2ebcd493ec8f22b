/** What a hospital's text is written in, apart from UTF-16. GB2312 and GBK are parts of GB18030. */
export type TextCharset = 'utf-8' | 'gb18030' | 'big5' | 'iso-8859-1';

/** Text of bytes. */
export interface DecodedText {
  readonly text: string;
  /** Every byte was a character; else U+FFFD stands for what was none. */
  readonly clean: boolean;
}

/** Text of an attachment. */
export interface AttachedText extends DecodedText {
  /** It is in another charset than its label says. */
  readonly misdeclared: boolean;
}

const CHARSETS: readonly string[] = ['utf-8', 'gb18030', 'big5', 'iso-8859-1'] satisfies TextCharset[];
/** What the Encoding Standard calls otherwise. */
const SAME: Readonly<Record<string, TextCharset | undefined>> = { gbk: 'gb18030', 'windows-1252': 'iso-8859-1' };
type Decoder = InstanceType<typeof TextDecoder>;
const decoders = new Map<string, Decoder>();

/**
 * Finds out how bytes that are not all ASCII are to be read. The bytes decide, what was declared is heard where they leave a choice: valid
 * UTF-8 is UTF-8, also where it is cut here and there; other high bytes are GB18030 unless the declaration says otherwise and fits.
 */
export function charsetOfText(bytes: Uint8Array, declared?: string, isUtf8: boolean = isValidIn(bytes, 'utf-8')): TextCharset {
  return isUtf8 ? withValidUtf8(bytes, declared) : withoutUtf8(bytes, declared);
}

/**
 * Text of an attachment, whose charset may be claimed by a label of the Encoding Standard (`gb2312`), claimed wrongly, or not at all.
 * `undefined` for bytes that are no text: pictures, PDF.
 */
export function attachedText(bytes: Uint8Array, label?: string): AttachedText | undefined {
  const claimed = label === undefined ? undefined : encodingNamed(label);
  if (claimed !== undefined && !CHARSETS.includes(claimed)) {
    const text = decodeText(bytes, claimed);
    return text.clean ? { ...text, misdeclared: false } : undefined;
  }
  if (bytes.includes(0)) return undefined;
  const charset = charsetOfText(bytes, claimed);
  const decoded = decodeText(bytes, charset);
  if (!decoded.clean && !isMostlyWhole(decoded.text)) return undefined;
  return { ...decoded, misdeclared: claimed !== undefined && claimed !== charset && bytes.some(isHigh) };
}

/** Bytes as text of one encoding of the Encoding Standard, whatever they are. */
export function decodeText(bytes: Uint8Array, encoding: string): DecodedText {
  try {
    return { text: decoderOf(encoding, true).decode(bytes), clean: true };
  } catch {
    return { text: decoderOf(encoding, false).decode(bytes), clean: false };
  }
}

function encodingNamed(label: string): string | undefined {
  try {
    const { encoding } = new TextDecoder(label);
    return SAME[encoding] ?? encoding;
  } catch {
    return undefined;
  }
}

function withValidUtf8(bytes: Uint8Array, declared: string | undefined): TextCharset {
  // Two GB bytes can happen to be one UTF-8 character of Latin, Greek or Cyrillic, three of them never look like Chinese by chance.
  const byChance = declared === 'gb18030' && !bytes.some((byte) => byte >= 0xe0) && isValidIn(bytes, 'gb18030');
  return byChance ? 'gb18030' : 'utf-8';
}

function withoutUtf8(bytes: Uint8Array, declared: string | undefined): TextCharset {
  // A field cut inside a character, as senders with lengths in bytes cut it, must not make Chinese of another kind of the rest.
  if (isMostlyWhole(decodeText(bytes, 'utf-8').text)) return 'utf-8';
  if (declared === 'big5' && isValidIn(bytes, 'big5')) return 'big5';
  const gb = isValidIn(bytes, 'gb18030');
  if (declared === 'iso-8859-1') return gb && looksChinese(bytes) ? 'gb18030' : 'iso-8859-1';
  // Neither is clean: a text cut inside a character is still read as what it says it is.
  return gb || declared !== 'utf-8' ? 'gb18030' : 'utf-8';
}

/**
 * True of text in its own charset where a byte was lost here and there. Text in GB18030 read as UTF-8 is broken at nearly every
 * character; and UTF-8 read as GB18030 may by chance be clean and say something else.
 */
function isMostlyWhole(decoded: string): boolean {
  let broken = 0;
  let whole = 0;
  for (let at = 0; at < decoded.length; at += 1) {
    const code = decoded.charCodeAt(at);
    if (code === 0xfffd) broken += 1;
    else if (code >= 0x800) whole += 1;
  }
  return broken * 2 < whole;
}

/** In Latin-1 an accented letter stands among plain ones; in Chinese text high bytes come in pairs of the common characters. */
function looksChinese(bytes: Uint8Array): boolean {
  let pairs = 0;
  let others = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const [lead = 0, trail = 0] = [bytes[index], bytes[index + 1]];
    if (!isHigh(lead)) continue;
    if (lead >= 0xa1 && lead <= 0xf7 && trail >= 0xa1) {
      pairs += 1;
      index += 1;
    } else others += 1;
  }
  return pairs > others * 4;
}

function isHigh(byte: number): boolean {
  return byte >= 0x80;
}

function isValidIn(bytes: Uint8Array, charset: string): boolean {
  return decodeText(bytes, charset).clean;
}

function decoderOf(charset: string, fatal: boolean): Decoder {
  const key = `${charset} ${fatal}`;
  const known = decoders.get(key);
  if (known !== undefined) return known;
  const decoder = new TextDecoder(charset, { fatal });
  decoders.set(key, decoder);
  return decoder;
}
