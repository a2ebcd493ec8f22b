import type { ScreenLocale } from '@zhida/core';
import { en } from './en.js';
import { zhCN } from './zh-cn.js';

/** What the wording of an alarm may speak of. */
export interface AlarmWords {
  readonly number: string;
  readonly party: string;
  readonly minutes: number;
  readonly days: number;
  /** From when on nobody is on duty. */
  readonly from: { readonly month: number; readonly day: number; readonly time: string };
  /** How a delivery is held, or where two receipts differ. */
  readonly why: string;
}

/** The texts of one language. */
export interface Locale {
  readonly modes: Readonly<Record<string, string>>;
  readonly holds: Readonly<Record<string, string>>;
  /** By rung; `chase` stands for every `chase-…`. */
  readonly alarms: Readonly<Record<string, (words: AlarmWords) => string>>;
}

export function localeOf(name: ScreenLocale): Locale {
  return name === 'en' ? en : zhCN;
}
