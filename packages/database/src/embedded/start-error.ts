import { ZhidaError } from '@zhida/core';

/** `ZD_ERR_DATABASE_START`: what did not start, and where to read on. Never holds a password. */
export function startError(message: string, options: { at?: string; cause?: unknown } = {}): ZhidaError {
  return new ZhidaError('ZD_ERR_DATABASE_START', message, options);
}
