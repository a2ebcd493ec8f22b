import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nationalRulePack } from '@zhida/packs';
import { ruleGuide } from '../scripts/rule-guide.js';

const GUIDE = new URL('../../../docs/guides/rules.zh-CN.md', import.meta.url);

test('docs/guides/rules.zh-CN.md is what the pack says; pnpm gen:rules writes it', () => {
  expect(readFileSync(GUIDE, 'utf8')).toBe(ruleGuide());
});

test('every rule has one line with its law and its source', () => {
  const lines = ruleGuide().split('\n');
  for (const { id, source } of nationalRulePack.rules) {
    const own = lines.filter((line) => line.startsWith(`| ${id} |`));
    expect(own, id).toHaveLength(1);
    expect(own[0], id).toContain('意见 4.');
    expect(source.trim(), id).not.toBe('');
  }
});
