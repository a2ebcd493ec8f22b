import { html, nothing } from 'lit/html.js';
import { fill, type Texts } from './locales/texts.js';
import { zhCN } from './locales/zh-cn.js';
import { headlineOf } from './machine/headline.js';
import type { Kit, More } from './more/kit.js';
import { noticeText } from './view/context.js';
import { clockTime, patientLine } from './view/format.js';
import type * as English from './widget-en.js';
import type * as Later from './widget-more.js';
import { area, back, choice, line, notice } from './view/parts.js';

/** Where the later parts come from: beside this module, or as {@link loadPartsFrom} says. */
let parts = {
  en: (): Promise<typeof English> => import('./widget-en.js'),
  more: (): Promise<typeof Later> => import('./widget-more.js'),
};

/** A plain script from another origin knows no place of its own (its base is `about:blank`), so it names its folder. */
export function loadPartsFrom(folder: string): void {
  parts = {
    en: () => import(`${folder}widget-en.js`) as Promise<typeof English>,
    more: () => import(`${folder}widget-more.js`) as Promise<typeof Later>,
  };
}

/** Chinese is there from the start; English is loaded when a page asks for it, and a page that cannot load it speaks Chinese. */
export async function loadTexts(language: string): Promise<Texts> {
  if (!/^en\b/i.test(language)) return zhCN;
  try {
    return (await parts.en()).en;
  } catch {
    return zhCN;
  }
}

/** What the parts that come later take from this one, so that nothing is loaded twice. */
const KIT: Kit = { html, nothing, area, back, choice, line, notice, noticeText, patientLine, fill, headlineOf, clockTime };

/** The pages that are not needed for a report from a prompt: other answers, a report one begins, the record to keep. */
export async function loadMore(): Promise<More> {
  return (await parts.more()).createMore(KIT);
}
