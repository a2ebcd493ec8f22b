import { ZhidaError } from '@zhida/core';
import type { PromptState } from '../schema.js';

/** It asks somebody, now or when its time comes. */
export const UNANSWERED = ['shown', 'opened', 'deferred'] as const satisfies PromptState[];

export function isUnanswered({ state }: { readonly state: PromptState }): boolean {
  return UNANSWERED.some((one) => one === state);
}

/** A person has answered it. */
export const ANSWERED: readonly PromptState[] = ['reported', 'decided'];

/** Nobody has, and it asks no more; what gives it a reason again raises it. */
export const ENDED: readonly PromptState[] = ['closed', 'expired'];

/** @throws ZhidaError `ZD_ERR_CONFLICT` when somebody has said that nothing is to be reported, or it asks no more. */
export function refuseEnded({ state }: { readonly state: PromptState }): void {
  if (state === 'decided' || ENDED.includes(state)) throw new ZhidaError('ZD_ERR_CONFLICT', 'this prompt has ended', { at: 'state' });
}

/** @throws ZhidaError `ZD_ERR_CONFLICT` when a person has answered it, or it asks no more. */
export function refuseAnswered({ state }: { readonly state: PromptState }): void {
  if ([...ANSWERED, ...ENDED].includes(state)) throw new ZhidaError('ZD_ERR_CONFLICT', 'this prompt has been answered', { at: 'state' });
}
