import type { ScreenLocale } from '@zhida/core';
import { en } from './en.js';
import type { Locale } from './locale.js';
import { zhCN } from './zh-cn.js';

const LOCALES: Readonly<Record<ScreenLocale, Locale>> = { 'zh-CN': zhCN, en };

/** The texts of a locale. */
export function localeOf(name: ScreenLocale): Locale {
  return LOCALES[name];
}

/** The label of a path pattern such as `companions[].name`: its own, or that of the member's name; the path itself when neither is known. */
export function labelOf(locale: Locale, pattern: string): string {
  const plain = pattern.replace(/\[\]$/, '');
  const name = plain.slice(plain.lastIndexOf('.') + 1).replace('[]', '');
  return wordOf(locale.labels, pattern) ?? wordOf(locale.labels, plain) ?? wordOf(locale.labels, name) ?? plain;
}

/** A word of a table by a key that may come from a report, where `constructor` is a name like any other. */
export function wordOf<Word>(table: Readonly<Record<string, Word>>, key: string): Word | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
