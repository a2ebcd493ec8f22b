import { en } from './en.js';
import type { Locale, LocaleName } from './locale.js';
import { zhCn } from './zh-CN.js';

const LOCALES: Readonly<Record<LocaleName, Locale>> = { 'zh-CN': zhCn, en };

/** The texts of a locale. */
export function localeOf(name: LocaleName): Locale {
  return LOCALES[name];
}

/** The label of a path pattern such as `companions[].name`: its own, or that of the member's name; the path itself when neither is known. */
export function labelOf(locale: Locale, pattern: string): string {
  const plain = pattern.replace(/\[\]$/, '');
  const name = plain.slice(plain.lastIndexOf('.') + 1).replace('[]', '');
  return locale.labels[pattern] ?? locale.labels[plain] ?? locale.labels[name] ?? plain;
}
