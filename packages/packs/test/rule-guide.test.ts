import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nationalRulePack } from '@zhida/packs';
import { GUIDE_LANGUAGES, guideFile, ruleGuide } from '../scripts/rule-guide.js';

test.each(GUIDE_LANGUAGES)('the guide to the rules (%s) is what the pack says; pnpm gen:rules writes it', (language) => {
  expect(readFileSync(guideFile(language), 'utf8')).toBe(ruleGuide(language));
});

test.each([
  ['zh', '意见 4.'],
  ['en', 'Opinion 4.'],
] as const)('every rule has one line with its law and its source (%s)', (language, item) => {
  const lines = ruleGuide(language).split('\n');
  for (const { id, source } of nationalRulePack.rules) {
    const own = lines.filter((line) => line.startsWith(`| ${id} |`));
    expect(own, id).toHaveLength(1);
    expect(own[0], id).toContain(item);
    expect(source.trim(), id).not.toBe('');
  }
});
