import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nationalRulePack } from '@zhida/packs';

const pairs = nationalRulePack.folds.filter(({ length }) => length === 2);
const folds = new Map(pairs.map((pair) => [pair.charAt(0), pair.charAt(1)]));
const fold = (character: string): string => folds.get(character) ?? character;

/** Every character of every term, guard, cue and heading. */
function charactersOfTerms(): Set<string> {
  const { concepts, guards, headings, cues, gestation } = nationalRulePack;
  const terms = [...concepts, ...guards, ...headings].flatMap((entry) => entry.terms);
  return new Set([...terms, ...Object.values(cues).flat(), ...Object.values(gestation).flat()].join(''));
}

const TABLE = readFileSync(new URL('traditional.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .flatMap((line) => line.split(' ').filter((row) => row !== ''));

/** What stands in a term as itself and means something else than its simplified form. */
const STAYS = new Map([
  ['搧', 'a slap; 扇 alone is a fan'],
  ['捱', 'bears up until, in 捱到; 挨 begins 挨打'],
  ['湊', 'minds a child in Cantonese, and is folded as 带'],
]);

/** Written so in simplified text as well, where folding joins only what simplified writing joins anyway: 乾 in 乾坤, 著 in 显著, 覆 in 覆盖. */
const MAY_STAND_FOR_THEMSELVES = ['乾干', '著着', '覆复', '瞭了', '徵征', '於于', '夥伙', '祕秘', '甦苏', '昇升', '剋克', '祇只', '麽么'];

describe('the characters that are read as others', () => {
  it('take in the traditional forms of every character of every term', () => {
    const characters = charactersOfTerms();
    expect(TABLE.length).toBeGreaterThan(2_900);
    const wrong = TABLE.filter((row) => {
      const [traditional = '', ...simplified] = row;
      const meant = simplified.filter((character) => characters.has(character));
      return meant.length > 0 && !STAYS.has(traditional) && !meant.some((character) => fold(character) === fold(traditional));
    });
    expect(wrong).toEqual([]);
    expect(characters.size).toBeGreaterThan(2_500);
  });

  it('take in those whose folding depends on where they stand', () => {
    const characters = charactersOfTerms();
    for (const [traditional = '', simplified = ''] of MAY_STAND_FOR_THEMSELVES)
      if (characters.has(simplified)) expect(fold(traditional), traditional).toBe(fold(simplified));
    for (const pair of ['後后', '裡里', '裏里', '麵面', '鬆松', '髮发', '發发', '隻只', '衝冲', '複复', '復复'])
      expect(fold(pair.charAt(0))).toBe(pair.charAt(1));
  });

  it('are folded once, a character into a character and a mistyped word into one of its length', () => {
    expect(folds.size).toBe(pairs.length);
    const words = nationalRulePack.folds.filter(({ length }) => length !== 2);
    expect(new Set(words).size).toBe(words.length);
    for (const word of words) expect([4, 6, 8], word).toContain(word.length);
  });
});
