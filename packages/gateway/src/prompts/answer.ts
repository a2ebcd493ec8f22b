import { assertNever, ZhidaError } from '@zhida/core';
import type { Clinician } from '../access/clinician.js';
import type { GatewayContext } from '../context.js';
import { lockAddressed } from './addressed.js';
import { answersGiven } from './answers.js';
import { changePrompt, type PromptChange, type PromptRow, recordPromptEvent } from './change.js';
import { type DecisionCode, type DeferralCode, decisionCodesFor } from './decision-codes.js';
import { NOTHING_ASKED } from './moments.js';
import { refuseAnswered } from './states.js';

/** What a clinician does with a prompt. */
export type PromptAnswer =
  | { readonly act: 'seen' }
  | { readonly act: 'open' }
  | { readonly act: 'defer'; readonly code: DeferralCode }
  | {
      readonly act: 'decide';
      /** The version the person saw: a decision on an older one is refused, because the reasons may have changed. */
      readonly version: number;
      readonly code: string;
      readonly text: string;
    };

export interface PromptAnswered {
  readonly id: string;
  readonly version: number;
  readonly state: string;
}

const MINUTE_MS = 60_000;

/**
 * Records what a clinician did with a prompt. `seen` and `open` are repeatable; a decision is recorded with account, code,
 * time and what it was made on.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND`, `ZD_ERR_CONFLICT` when it is answered, deferred twice or has changed meanwhile,
 * `ZD_ERR_REASON_MISSING` for a reason this prompt does not take.
 */
export async function answerPrompt(
  context: GatewayContext,
  id: string,
  clinician: Clinician,
  answer: PromptAnswer,
): Promise<PromptAnswered> {
  return context.database.db.transaction().execute(async (trx) => {
    const prompt = await lockAddressed(trx, context, id, clinician);
    if (answer.act === 'seen') await recordPromptEvent(trx, context, prompt, { kind: 'seen', account: clinician.account });
    const change = answer.act === 'seen' ? undefined : changeFor(context, prompt, clinician.account, answer);
    const answers = change?.kind === 'decided' ? await answersGiven(trx, context, { promptId: id, account: clinician.account }) : undefined;
    const after = change === undefined ? prompt : await changePrompt(trx, context, prompt.id, { ...change, answers });
    return { id, version: after.version, state: after.state };
  });
}

function changeFor(
  context: GatewayContext,
  prompt: PromptRow,
  account: string,
  answer: Exclude<PromptAnswer, { act: 'seen' }>,
): PromptChange | undefined {
  switch (answer.act) {
    case 'open':
      return prompt.state === 'shown' || prompt.state === 'deferred'
        ? { kind: 'opened', account, set: { state: 'opened', due_at: null } }
        : undefined;
    case 'defer': {
      refuseAnswered(prompt);
      if (answer.code === 'consult' && prompt.level !== 'orange')
        throw new ZhidaError('ZD_ERR_REASON_MISSING', 'what is to be reported at once is not put off to ask somebody', { at: 'code' });
      const counted = answer.code === 'treat-first' ? 1 : 0;
      if (counted > 0 && prompt.deferrals >= context.settings.maxDeferrals)
        throw new ZhidaError('ZD_ERR_CONFLICT', 'this prompt was deferred as often as it may be', { at: 'deferrals' });
      const { deferMinutes, consultMinutes } = context.settings;
      const due = new Date(context.clock.now() + (answer.code === 'consult' ? consultMinutes : deferMinutes) * MINUTE_MS);
      const set = { state: 'deferred', deferrals: prompt.deferrals + counted, due_at: due } as const;
      return { kind: 'deferred', account, code: answer.code, set };
    }
    case 'decide': {
      refuseAnswered(prompt);
      if (answer.version !== prompt.version)
        throw new ZhidaError('ZD_ERR_CONFLICT', 'the prompt has changed since it was shown', { at: 'version' });
      if (!decisionCodesFor(prompt.statutory).includes(answer.code as DecisionCode)) {
        throw new ZhidaError('ZD_ERR_REASON_MISSING', 'this prompt does not take this reason', { at: 'code' });
      }
      return { kind: 'decided', account, code: answer.code, text: answer.text, set: { state: 'decided', due_at: null, ...NOTHING_ASKED } };
    }
    default:
      return assertNever(answer);
  }
}
