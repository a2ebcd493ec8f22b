import type { PromptState } from '../schema.js';

/** It asks somebody, now or when its time comes. */
export const UNANSWERED = ['shown', 'opened', 'deferred'] as const satisfies PromptState[];

/** A person has answered it. */
export const ANSWERED: readonly PromptState[] = ['reported', 'decided'];

/** Nobody has, and it asks no more; what gives it a reason again raises it. */
export const ENDED: readonly PromptState[] = ['closed', 'expired'];
