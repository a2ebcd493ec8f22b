import { followEn } from './locales/follow-en.js';
import { followZhCN } from './locales/follow-zh-cn.js';
import { moreEn } from './locales/more-en.js';
import { moreZhCN } from './locales/more-zh-cn.js';
import type { MoreTexts, Texts } from './locales/texts.js';
import { knownView, notThisView } from './more/answers.js';
import { type CallLog, createCallLog } from './machine/calls.js';
import { callsView } from './more/calls.js';
import { careCards } from './more/cards.js';
import { type FollowActs, followActs } from './more/follow/follow-acts.js';
import type { FollowParts } from './more/follow/follow-parts.js';
import { besideView } from './more/follow/beside.js';
import { followedView, followSection, followView } from './more/follow/follow-views.js';
import { type CheckParts, checkView, consultView, isToCheck } from './more/check.js';
import { type CheckActs, createCheckActs } from './more/check-acts.js';
import type { Kit, More } from './more/kit.js';
import { againView, manualView } from './more/manual.js';
import { type ManualActs, manualActs } from './more/manual-acts.js';
import { leftView } from './more/left.js';
import { headView, refusedView } from './more/refusals.js';
import { stripView } from './more/strips.js';
import { saveVoucher } from './more/voucher.js';
import type { ViewContext, WindowContext } from './view/context.js';
import type { Prompt } from './wire.js';

/** What is loaded after the first paint. */
export function createMore(kit: Kit): More {
  let acts: ManualActs | undefined;
  let log: CallLog | undefined;
  let checks: CheckActs | undefined;
  let follow: FollowActs | undefined;
  function followOf({ machine, texts }: WindowContext): FollowParts {
    follow ||= followActs(machine);
    const more = moreOf(texts);
    return {
      kit,
      words: texts.lang === 'en' ? followEn : followZhCN,
      voucher: { label: more.voucher, save: (context, press) => saveVoucher(kit, more, context, press) },
      acts: follow,
    };
  }
  function actsOf({ machine }: WindowContext): ManualActs {
    acts ||= manualActs(machine);
    return acts;
  }
  function logOf({ machine }: WindowContext): CallLog {
    log ||= createCallLog(machine);
    return log;
  }
  function partsOf(context: ViewContext, prompt: Prompt): CheckParts {
    checks ||= createCheckActs(context.machine);
    return { kit, words: wordsOf(context), context, prompt, acts: checks };
  }
  return {
    calls: (context, number) => callsView(kit, wordsOf(context), context, logOf(context), number),
    check: (context, prompt) => (isToCheck(prompt) ? checkView(partsOf(context, prompt)) : undefined),
    page(context) {
      const { session, prompt } = context;
      if (session.view === 'follow') return followView(followOf(context), context);
      if (session.view === 'followed') return followedView(followOf(context), context);
      if (session.view === 'known') return knownView(kit, wordsOf(context), context);
      if (session.view === 'consult' && prompt !== undefined) return consultView(partsOf(context, prompt));
      return prompt === undefined ? kit.html`` : notThisView(kit, wordsOf(context), context, prompt);
    },
    cards: (context, press) =>
      kit.html`${careCards(kit, wordsOf(context), context, press)}${followSection(followOf(context), context, press)}`,
    manual(context) {
      const manual = actsOf(context);
      void manual.prepare();
      return manualView(kit, wordsOf(context), context, manual);
    },
    head: (context) => kit.html`${headView(kit, wordsOf(context), context)}${stripView(followOf(context), context)}`,
    above: (context, prompt) =>
      kit.html`${refusedView(kit, wordsOf(context), context.now, prompt)}${leftView(kit, wordsOf(context), prompt)}
      ${besideView(followOf(context), context)}`,
    again: (context) => againView(kit, wordsOf(context), actsOf(context)),
  };
}

function wordsOf({ texts }: WindowContext): MoreTexts {
  return moreOf(texts);
}

function moreOf({ lang }: Texts): MoreTexts {
  return lang === 'en' ? moreEn : moreZhCN;
}
