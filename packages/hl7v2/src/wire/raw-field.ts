/**
 * The fields of a segment by their number in the standard, cut out without a parse. `line` holds one byte, or one decoded
 * character, per code unit; MSH-1 is the separator itself.
 *
 * With `pairs` a byte above 0x7F and the one after it are one character: the second byte of a GB18030 character may well be
 * `|`, `^` or `~`.
 */
export function fieldsOf(line: string, pairs: boolean): string[] {
  const separator = line.charAt(3);
  const parts = rawSplit(line, separator, pairs);
  return line.startsWith('MSH') ? ['MSH', separator, ...parts.slice(1)] : parts;
}

/** Splits at a separator, counting byte pairs as one character where asked to. An empty separator parts nothing. */
export function rawSplit(text: string, separator: string, pairs: boolean): string[] {
  if (separator === '') return [text];
  if (!pairs) return text.split(separator);
  const parts: string[] = [];
  const code = separator.charCodeAt(0);
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x81) at += 1;
    else if (unit === code) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}
