import { describe, expect, test } from 'vitest';
import { formatPaperNumber, parsePaperNumber } from '../src/index.js';

const parts = { regionCode: '440299', hospitalIndex: 3, serial: 31 };

describe('the number of a paper form', () => {
  test('is read back from what a hand types', () => {
    const number = formatPaperNumber(parts);
    expect(number).toMatch(/^440299-P-0300031-\d$/);
    const typed = [
      number,
      ` ${number.toLowerCase()} `,
      number.replaceAll('-', ''),
      number.replaceAll('-', '－'),
      number.replaceAll('-', '—'),
    ];
    expect(typed.map(parsePaperNumber)).toEqual(typed.map(() => parts));
    expect(parsePaperNumber(formatPaperNumber({ ...parts, serial: 123_456 }))).toEqual({ ...parts, serial: 123_456 });
  });

  test('with one wrong digit is none', () => {
    const number = formatPaperNumber(parts);
    const digits = Array.from(number.matchAll(/\d/g), ({ index }) => index);
    for (const at of digits) {
      for (const other of '0123456789'.replace(number.charAt(at), ''))
        expect(parsePaperNumber(`${number.slice(0, at)}${other}${number.slice(at + 1)}`)).toBeUndefined();
    }
    expect(['', '440299-261122-030007-5', `${number}0`].map(parsePaperNumber)).toEqual([undefined, undefined, undefined]);
  });

  test.each([{ regionCode: '44' }, { hospitalIndex: 100 }, { serial: 0 }])('out of bounds is refused: %o', (wrong) => {
    expect(() => formatPaperNumber({ ...parts, ...wrong })).toThrow(expect.objectContaining({ at: Object.keys(wrong)[0] }) as Error);
  });
});
