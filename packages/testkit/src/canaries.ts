/**
 * Invented values to plant in every field of a record, and then to look for where nothing about a person may be (INV-11:
 * queue, logs, metrics, URLs, errors, audit files). Each is rare enough that finding it anywhere proves a leak, and each
 * kind has its own, so that a hit names the field. No such person, number or place exists.
 */
export const canaries = {
  childName: '鸑鷟璩',
  childNickname: '鷟鷟小囡',
  childPhone: '00000770071',
  childResidentId: '440299201802300077',
  guardianName: '鸑鷟嶷',
  guardianPhone: '00000770072',
  address: '云溪县鹓鶵路七百七十三号',
  school: '云溪县鹓鶵小学',
  reporterName: '欧阳鹔鹴',
  reporterPhone: '00000770073',
  reporterStaffId: 'staff-canary-770074',
  doctorsNote: '囡囡鹡鸰左前臂条索状瘀痕',
  freeText: 'canary-free-text-鵷鶵-770075',
} as const;

/** Every planted value. */
export const canaryValues: readonly string[] = Object.values(canaries);

/** The names of the canaries a text holds, also where it was escaped as JSON, percent-encoded, or written as hex or base64. */
export function findCanaries(text: string | Uint8Array): string[] {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : Buffer.from(text);
  return Object.entries(canaries)
    .filter(([, value]) => formsOf(value).some((form) => bytes.includes(form)))
    .map(([name]) => name);
}

function formsOf(value: string): Buffer[] {
  const escaped = value.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const texts = [
    value,
    escaped,
    escaped.toUpperCase().replaceAll('\\U', '\\u'),
    encodeURIComponent(value),
    Buffer.from(value).toString('hex'),
    ...base64Cores(value),
  ];
  return [...texts.map((text) => Buffer.from(text, 'utf8')), Buffer.from(value, 'utf16le')];
}

/** Base64 depends on where the value begins; of each of the three cases, the characters that its bytes alone decide. */
function base64Cores(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  return [0, 1, 2].flatMap((shift) => {
    const from = shift === 0 ? 0 : 3 - shift;
    const whole = bytes.subarray(from, from + Math.floor((bytes.length - from) / 3) * 3);
    return [whole.toString('base64'), whole.toString('base64url')];
  });
}
