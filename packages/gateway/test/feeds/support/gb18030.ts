/** The bytes of a text in GB18030, by turning the decoder's table round. Enough for the characters of these tests. */
export function gb18030(text: string): Buffer {
  return Buffer.concat(Array.from(text, (character) => encoded(character)));
}

const table = new Map<string, Buffer>();

function encoded(character: string): Buffer {
  if (character.charCodeAt(0) < 0x80) return Buffer.from(character, 'latin1');
  if (table.size === 0) fillTable();
  const bytes = table.get(character);
  if (bytes === undefined) throw new TypeError('not a character of GBK');
  return bytes;
}

function fillTable(): void {
  const decoder = new TextDecoder('gb18030');
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      const bytes = Buffer.of(lead, trail);
      const character = decoder.decode(bytes);
      if (trail !== 0x7f && Array.from(character).length === 1 && character !== '\uFFFD') table.set(character, bytes);
    }
  }
}
