import { moreEn } from './locales/more-en.js';
import { moreZhCN } from './locales/more-zh-cn.js';
import type { MoreTexts } from './locales/texts.js';
import { knownView, notThisView } from './more/answers.js';
import type { Kit, More } from './more/kit.js';
import { saveVoucher } from './more/voucher.js';
import type { WindowContext } from './view/context.js';

/** What is loaded after the first paint. */
export function createMore(kit: Kit): More {
  return {
    notThis: (context, prompt) => notThisView(kit, wordsOf(context), context, prompt),
    known: (context) => knownView(kit, wordsOf(context), context),
    saveVoucher: (context, press) => saveVoucher(kit, wordsOf(context), context, press),
  };
}

function wordsOf({ texts }: WindowContext): MoreTexts {
  return texts.lang === 'en' ? moreEn : moreZhCN;
}
