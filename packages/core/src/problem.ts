import { ERROR_CODES } from './error-codes.js';
import { isZhidaError, type ZhidaErrorCode } from './errors.js';

/** An RFC 9457 problem document. It holds a stable code and a location, never a value from the request. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ZhidaErrorCode | 'ZD_ERR_BUG';
  readonly at?: string;
}

const PROBLEM_TYPE = 'https://zhida.dev/errors/';

/**
 * What to answer for an error: an expected failure keeps its code and location; anything else is a bug and says nothing
 * but 500, because the message of a foreign error may quote what it read.
 */
export function problemOf(error: unknown): Problem {
  if (!isZhidaError(error)) return { type: `${PROBLEM_TYPE}ZD_ERR_BUG`, title: 'Internal error', status: 500, code: 'ZD_ERR_BUG' };
  const { code, at } = error;
  return {
    type: PROBLEM_TYPE + code,
    title: ERROR_CODES[code].summary,
    status: ERROR_CODES[code].status,
    code,
    ...(at === undefined ? {} : { at }),
  };
}
