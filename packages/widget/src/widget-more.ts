import { moreEn } from './locales/more-en.js';
import { moreZhCN } from './locales/more-zh-cn.js';
import type { MoreTexts } from './locales/texts.js';
import { knownView, notThisView } from './more/answers.js';
import { type CallLog, createCallLog } from './machine/calls.js';
import { callsView } from './more/calls.js';
import { careCards } from './more/cards.js';
import type { Kit, More } from './more/kit.js';
import { againView, manualView } from './more/manual.js';
import { type ManualActs, manualActs } from './more/manual-acts.js';
import { refusalsView, refusedView } from './more/refusals.js';
import type { WindowContext } from './view/context.js';

/** What is loaded after the first paint. */
export function createMore(kit: Kit): More {
  let acts: ManualActs | undefined;
  let log: CallLog | undefined;
  function actsOf({ machine }: WindowContext): ManualActs {
    acts ||= manualActs(machine);
    return acts;
  }
  function logOf({ machine }: WindowContext): CallLog {
    log ||= createCallLog(machine);
    return log;
  }
  return {
    calls: (context, number) => callsView(kit, wordsOf(context), context, logOf(context), number),
    notThis: (context, prompt) => notThisView(kit, wordsOf(context), context, prompt),
    known: (context) => knownView(kit, wordsOf(context), context),
    cards: (context, press) => careCards(kit, wordsOf(context), context, press),
    manual(context) {
      const manual = actsOf(context);
      void manual.prepare();
      return manualView(kit, wordsOf(context), context, manual);
    },
    refusals: (context) => refusalsView(kit, wordsOf(context), context),
    refused: (context, prompt) => refusedView(kit, wordsOf(context), context.now, prompt),
    again: (context) => againView(kit, wordsOf(context), actsOf(context)),
  };
}

function wordsOf({ texts }: WindowContext): MoreTexts {
  return texts.lang === 'en' ? moreEn : moreZhCN;
}
