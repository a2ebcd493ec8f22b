import { en } from './en.js';
import { zhCN } from './zh-cn.js';

type Words<Text> = Text extends string
  ? string
  : Text extends readonly string[]
    ? readonly string[]
    : { readonly [Key in keyof Text]: Words<Text[Key]> };

/** Every word the command line says in either language. */
export type Texts = Words<typeof zhCN>;

export const LANGUAGES = ['zh-CN', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

export function textsOf(language: Language): Texts {
  return language === 'en' ? en : zhCN;
}

/** The member of a rule pack's text that is written in this language. */
export function localeOf({ lang }: Texts): 'zh' | 'en' {
  return lang === 'en' ? 'en' : 'zh';
}

/** Puts values into a text with `{name}` places. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (_place, name: string) => String(values[name] ?? ''));
}

/** A word by a key that data chose; nothing where there is none. */
export function wordOf(words: Readonly<Record<string, string>>, key: string | undefined): string {
  return key !== undefined && Object.hasOwn(words, key) ? (words[key] ?? '') : '';
}
