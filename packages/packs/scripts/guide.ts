import { writeFile } from 'node:fs/promises';
import { ruleGuide } from './rule-guide.js';

/** Writes docs/guides/rules.zh-CN.md from the pack. Run after every change of a rule. */
await writeFile(new URL('../../../docs/guides/rules.zh-CN.md', import.meta.url), ruleGuide());
