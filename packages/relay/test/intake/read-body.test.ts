import { describe, expect, test } from 'vitest';
import { readBody } from '../../src/intake/read-body.js';

const read = (text: string): ReturnType<typeof readBody> => readBody(Buffer.from(text));

describe('the body of a press', () => {
  test.each(['', 'null', '[]', '"text"', '3', '{', '{"a":1}}'])('%j is not a JSON object and refused without a word of it', (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'ZD_ERR_INPUT_UNREADABLE', at: '$' }));
  });

  test('is hashed in its canonical form, so order and white space of members do not matter', () => {
    expect(read('{"b":1,"a":[1.0,"x"]}').sha256).toBe(read('{ "a": [1, "x"],\n "b": 1 }').sha256);
    expect(read('{"a":1}').sha256).not.toBe(read('{"a":2}').sha256);
    expect(read('{"a":1}').sha256).toBe('015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862');
  });

  test('a lone surrogate is replaced in the working copy, named, and the raw bytes are hashed', () => {
    const body = read('{"patient":{"name":"\\ud83d"}}');
    expect(body.value).toEqual({ patient: { name: '\uFFFD' } });
    expect(body.issues).toEqual([{ code: 'VALUE_UNREAD', severity: 'warning', at: 'patient.name' }]);
    expect(body.sha256).not.toBe(read('{"patient":{"name":"\\ud83c"}}').sha256);
  });

  test('a number beyond the range becomes null and an issue', () => {
    const body = read('{"clockOffsetMs":1e999}');
    expect(body.value).toEqual({ clockOffsetMs: null });
    expect(body.issues).toMatchObject([{ code: 'VALUE_UNREAD', at: 'clockOffsetMs' }]);
  });

  test('a nest of half a million levels neither stops the process nor the report', () => {
    const body = read(`{"patient":{"name":"x"},"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}`);
    expect(body.value['patient']).toEqual({ name: 'x' });
    expect(body.issues).toMatchObject([{ code: 'DEPTH_LIMIT', at: '$' }]);
  });

  test('the name of a member that is not a field name is not repeated in an issue', () => {
    const body = read('{"鸑鷟璩 13800000000":"\\udc00"}');
    expect(body.issues).toEqual([{ code: 'VALUE_UNREAD', severity: 'warning', at: '*' }]);
  });

  test('a byte order mark and a member called __proto__ are read like anything else', () => {
    const body = readBody(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('{"__proto__":{"x":1},"kind":"initial"}')]));
    expect(body.value['kind']).toBe('initial');
    expect(Object.getPrototypeOf(body.value)).toBe(Object.prototype);
  });
});
