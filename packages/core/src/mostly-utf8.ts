/**
 * True where bytes that are not clean UTF-8 were UTF-8 once, asked of their text with U+FFFD for what is broken. Text in GB18030
 * read so is broken at nearly every character, UTF-8 only where a byte was lost; and UTF-8 read as GB18030 may by chance be
 * clean and say something else.
 */
export function isMostlyUtf8(decoded: string): boolean {
  let broken = 0;
  let whole = 0;
  for (let at = 0; at < decoded.length; at += 1) {
    const code = decoded.charCodeAt(at);
    if (code === 0xfffd) broken += 1;
    else if (code >= 0x800) whole += 1;
  }
  return broken * 2 < whole;
}
