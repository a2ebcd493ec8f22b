import { moreEn } from './locales/more-en.js';
import { moreZhCN } from './locales/more-zh-cn.js';
import type { MoreTexts } from './locales/texts.js';
import { knownView, notThisView } from './more/answers.js';
import { careCards } from './more/cards.js';
import type { Kit, More } from './more/kit.js';
import { againView, manualView } from './more/manual.js';
import { type ManualActs, manualActs } from './more/manual-acts.js';
import type { WindowContext } from './view/context.js';

/** What is loaded after the first paint. */
export function createMore(kit: Kit): More {
  let acts: ManualActs | undefined;
  function actsOf({ machine }: WindowContext): ManualActs {
    if (acts === undefined) {
      acts = manualActs(machine);
      void acts.prepare();
    }
    return acts;
  }
  return {
    notThis: (context, prompt) => notThisView(kit, wordsOf(context), context, prompt),
    known: (context) => knownView(kit, wordsOf(context), context),
    cards: (context, press) => careCards(kit, wordsOf(context), context, press),
    manual: (context) => manualView(kit, wordsOf(context), context, actsOf(context)),
    again: (context) => againView(kit, wordsOf(context), actsOf(context)),
  };
}

function wordsOf({ texts }: WindowContext): MoreTexts {
  return texts.lang === 'en' ? moreEn : moreZhCN;
}
