import { en } from './en.js';
import type { LocaleName, PromptTexts } from './locale.js';
import { zhCN } from './zh-cn.js';

const TEXTS: Readonly<Record<LocaleName, PromptTexts>> = { zh: zhCN, en };

export function textsOf(locale: LocaleName): PromptTexts {
  return TEXTS[locale];
}

/** Puts values into a text with `{name}` places. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (_place, name: string) => values[name] ?? '');
}
