import { ZhidaError } from '@zhida/core';

/** One segment each: a `/` inside would let one party's log be named like another's of the other mode. */
const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,95}$/;

/**
 * The name of a service's log, `zhida/<mode>/<party>`: the same in every entry, in the checkpoint's first line and as the
 * name of the key that signs it. The mode is in it, so that a test log is never taken for a production one.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` for a mode or party that is not one plain word (letters, digits, `.`, `_`, `:`, `-`).
 */
export function auditOrigin({ mode, party }: { readonly mode: string; readonly party: string }): string {
  for (const [at, segment] of Object.entries({ mode, party })) {
    if (!SEGMENT.test(segment)) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'an origin is made of plain words', { at });
  }
  return `zhida/${mode}/${party}`;
}
