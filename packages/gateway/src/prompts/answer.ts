import { ZhidaError } from '@zhida/core';
import type { Selectable } from 'kysely';
import type { Clinician } from '../access/clinician.js';
import type { GatewayContext } from '../options.js';
import type { PromptTable } from '../schema.js';
import { changePrompt, type PromptChange } from './upsert.js';
import { type DecisionCode, decisionCodesFor } from './view.js';

export interface PromptAnswer {
  readonly act: 'seen' | 'open' | 'defer' | 'decide';
  /** The version the person saw; a decision on an older one is refused, because the reasons may have changed. */
  readonly version: number | undefined;
  readonly code: string;
  readonly text: string;
}

export interface PromptAnswered {
  readonly id: string;
  readonly version: number;
  readonly state: string;
}

const MINUTE_MS = 60_000;

/** Records what a clinician did with a prompt. `seen` and `open` are repeatable; a decision is signed by account, code and time. */
export async function answerPrompt(
  context: GatewayContext,
  id: string,
  clinician: Clinician,
  answer: PromptAnswer,
): Promise<PromptAnswered> {
  return context.database.db.transaction().execute(async (trx) => {
    const prompt = await trx
      .selectFrom('prompts')
      .selectAll()
      .where('facility', '=', context.facility.code)
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (prompt === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such prompt', { at: 'id' });
    const change = changeFor(context, prompt, clinician, answer);
    if (change === undefined) return { id, version: prompt.version, state: prompt.state };
    await changePrompt(trx, context, prompt, change);
    return { id, version: prompt.version + 1, state: change.set.state ?? prompt.state };
  });
}

function changeFor(
  context: GatewayContext,
  prompt: Selectable<PromptTable>,
  clinician: Clinician,
  answer: PromptAnswer,
): PromptChange | undefined {
  const { account } = clinician;
  switch (answer.act) {
    case 'seen':
      return undefined;
    case 'open':
      return prompt.state === 'shown' || prompt.state === 'deferred'
        ? { kind: 'opened', account, set: { state: 'opened', due_at: null } }
        : undefined;
    case 'defer': {
      refuseAnswered(prompt);
      if (prompt.deferrals >= context.settings.maxDeferrals)
        throw new ZhidaError('ZD_ERR_CONFLICT', 'this prompt was deferred as often as it may be', { at: 'deferrals' });
      const due = new Date(context.clock.now() + context.settings.deferMinutes * MINUTE_MS);
      return { kind: 'deferred', account, set: { state: 'deferred', deferrals: prompt.deferrals + 1, due_at: due } };
    }
    case 'decide': {
      refuseAnswered(prompt);
      if (answer.version !== prompt.version)
        throw new ZhidaError('ZD_ERR_CONFLICT', 'the prompt has changed since it was shown', { at: 'version' });
      if (!decisionCodesFor(prompt.statutory).includes(answer.code as DecisionCode)) {
        throw new ZhidaError('ZD_ERR_REASON_MISSING', 'this prompt does not take this reason', { at: 'code' });
      }
      return { kind: 'decided', account, code: answer.code, text: answer.text, set: { state: 'decided', due_at: null } };
    }
  }
}

function refuseAnswered(prompt: Selectable<PromptTable>): void {
  if (['reported', 'decided', 'closed', 'expired'].includes(prompt.state)) {
    throw new ZhidaError('ZD_ERR_CONFLICT', 'this prompt has been answered', { at: 'state' });
  }
}
