import { describe, expect, test } from 'vitest';
import { CODED_FIELDS, CODE_SYSTEMS, type CodeSystem, displayOf, findCode, leafPaths } from '../src/index.js';
import { en } from '../src/locales/en.js';
import { zhCN } from '../src/locales/zh-cn.js';

const systems: [string, CodeSystem][] = Object.entries(CODE_SYSTEMS);

describe('the code systems', () => {
  test.each(systems)('%s has a version and a source, and no word stands for two codes', (_name, system) => {
    expect(system.version).not.toBe('');
    expect(system.source).not.toBe('');
    for (const entry of system.entries) {
      for (const word of [entry.code, entry.zh, entry.en, ...(entry.aliases ?? [])]) {
        expect(findCode(system, word)?.code, `${system.id} ${word}`).toBe(entry.code);
      }
    }
  });

  test('the nine situations of article 4 are there, in order', () => {
    expect(CODE_SYSTEMS.situations.entries.map(({ code }) => code)).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((item) => `opinion-2020:4.${item}`),
    );
  });

  test('the 56 peoples have their numbers', () => {
    expect(CODE_SYSTEMS.ethnicity.entries).toHaveLength(56);
    expect(findCode(CODE_SYSTEMS.ethnicity, '瑶族')).toMatchObject({ code: '13', en: 'Yao' });
    expect(findCode(CODE_SYSTEMS.ethnicity, '56')).toMatchObject({ zh: '基诺族', en: 'Jino' });
  });

  test.each([
    ['父亲', '51', 'parent'],
    ['养父', '57', 'parent'],
    ['继母', '58', 'parent'],
    ['奶奶', '62', 'family'],
    ['舅舅', '85', 'family'],
    ['网友', 'local:netizen', 'none'],
  ])('%s is %s of GB/T 4761 and counts as %s', (word, code, kin) => {
    expect(findCode(CODE_SYSTEMS.relationships, word)).toMatchObject({ code, kin });
  });

  test('every coded field is a member of the schema', () => {
    const leaves = leafPaths();
    expect(Object.keys(CODED_FIELDS).filter((path) => !leaves.includes(path))).toEqual([]);
  });

  test('a text that is no code is shown as it came', () => {
    expect(displayOf(CODE_SYSTEMS.needs, 'shelter', 'zh-CN')).toBe('临时庇护');
    expect(displayOf(CODE_SYSTEMS.needs, 'shelter', 'en')).toBe('shelter');
    expect(displayOf(CODE_SYSTEMS.needs, '借一辆轮椅', 'en')).toBe('借一辆轮椅');
    expect(findCode(CODE_SYSTEMS.needs, undefined)).toBeUndefined();
  });

  test('both locales speak of the same findings on the telephone', () => {
    expect(Object.keys(en.phone.findings)).toEqual(Object.keys(zhCN.phone.findings));
  });
});
