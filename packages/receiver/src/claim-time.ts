import { ZhidaError } from '@zhida/core';

/** How long a claim may take before it lapses, in milliseconds. Signing takes less than one. */
export const CLAIM_MS = 10_000;

/**
 * Waits for `work` no longer than `claimMs`; then the claim lapses and the sender is asked to come again.
 *
 * @throws ZhidaError `ZD_ERR_BUSY`, or what `work` throws.
 */
export async function withinClaim<T>(work: Promise<T>, claimMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const lapse = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ZhidaError('ZD_ERR_BUSY', 'the claim was not confirmed in time and lapsed')), claimMs);
  });
  try {
    return await Promise.race([work, lapse]);
  } finally {
    clearTimeout(timer);
  }
}
