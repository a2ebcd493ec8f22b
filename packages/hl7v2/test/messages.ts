/** Invented messages. Nobody in them exists; numbers are from ranges that are given to nobody. */

export interface HeaderOptions {
  readonly controlId?: string;
  readonly version?: string;
  readonly charset?: string;
  readonly processingId?: string;
  readonly accept?: string;
  readonly application?: string;
  readonly at?: string;
  readonly application3?: string;
}

/** An MSH segment of the hospital of the county that does not exist. */
export function msh(type: string, options: HeaderOptions = {}): string {
  const { controlId = 'M0001', version = '2.4', charset = 'UNICODE UTF-8', processingId = 'P', accept = '', application = '' } = options;
  const { at = '20260503211005', application3 = 'HIS' } = options;
  return `MSH|^~\\&|${application3}|YUNXI|ZHIDA|YUNXI|${at}||${type}|${controlId}|${processingId}|${version}|||${accept}|${application}|CHN|${charset}`;
}

/** A segment from its fields by number. */
export function row(type: string, fields: Readonly<Record<number, string>>): string {
  const last = Math.max(0, ...Object.keys(fields).map(Number));
  return [type, ...Array.from({ length: last }, (_, index) => fields[index + 1] ?? '')].join('|');
}

export const CHILD_FIELDS = {
  1: '1',
  3: 'P1001^^^YUNXI^MR',
  5: '张^演示',
  7: '20190203',
  8: 'F',
  11: '云溪镇示例路1号^^云溪县^示例省^^CHN^H^^440299',
  13: '0000-1100110',
  16: 'S',
  22: '^汉族',
};
export const CHILD = row('PID', CHILD_FIELDS);
export const VISIT_FIELDS = {
  1: '1',
  2: 'E',
  3: '急诊^2诊室',
  7: 'D77^李^演示',
  10: 'EM',
  14: '9',
  19: 'V20260503001',
  44: '20260503210000',
};
export const VISIT = row('PV1', VISIT_FIELDS);

/** Segments as a message with carriage returns. */
export function message(...segments: readonly string[]): Buffer {
  return Buffer.from(`${segments.join('\r')}\r`, 'utf8');
}

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
      if (trail === 0x7f) continue;
      const bytes = Buffer.of(lead, trail);
      const character = decoder.decode(bytes);
      if (Array.from(character).length === 1 && character !== '\uFFFD') table.set(character, bytes);
    }
  }
}
