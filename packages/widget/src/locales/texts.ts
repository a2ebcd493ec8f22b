import type { followZhCN } from './follow-zh-cn.js';
import type { moreZhCN } from './more-zh-cn.js';
import type { zhCN } from './zh-cn.js';

type Words<Text> = Text extends string ? string : { readonly [Key in keyof Text]: Words<Text[Key]> };

/** Every word the widget says of itself. */
export type Texts = Words<typeof zhCN>;
export type MoreTexts = Words<typeof moreZhCN>;
export type FollowTexts = Words<typeof followZhCN>;

/** Puts values into a text with `{name}` places. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (_place, name: string) => values[name] || '');
}
