import { isZhidaError, ZhidaError } from '@zhida/core';

/**
 * Runs a verification; every way a credential can be wrong becomes the one `ZD_ERR_TOKEN_INVALID`, so that an answer never
 * tells a stranger how far a forged one came. What was wrong is in the cause.
 */
export async function oneRefusal<Value>(at: string, verify: () => Promise<Value>): Promise<Value> {
  try {
    return await verify();
  } catch (cause) {
    if (isZhidaError(cause) && cause.code === 'ZD_ERR_SCOPE_MISSING') throw cause;
    throw new ZhidaError('ZD_ERR_TOKEN_INVALID', 'no valid credential came with the request', { at, cause });
  }
}

/** Refuses inside {@link oneRefusal}. */
export function refuse(why: string): never {
  throw new ZhidaError('ZD_ERR_TOKEN_INVALID', why);
}

/** @throws ZhidaError `ZD_ERR_SCOPE_MISSING`: the credential is right, but not for this. */
export function requireScope(granted: string, scope: string): void {
  if (!granted.split(' ').includes(scope))
    throw new ZhidaError('ZD_ERR_SCOPE_MISSING', `the credential does not allow ${scope}`, { at: 'scope' });
}
