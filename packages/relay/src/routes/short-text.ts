import { ZhidaError } from '@zhida/core';
import { jsonObjectOf } from './json-body.js';

export const TEXT_LENGTH_MAX = 200;
export const REASON_LENGTH_MAX = 500;
const CONTROL = /\p{Cc}/u;

/** A member of a body that is one line of text; `null` where it is blank. @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` naming it. */
export function shortText(body: Readonly<Record<string, unknown>>, at: string, lengthMax: number): string | null {
  const value = body[at] ?? '';
  if (typeof value !== 'string' || value.length > lengthMax || CONTROL.test(value)) {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a short text is expected', { at });
  }
  return value.trim() === '' ? null : value.trim();
}

/** The reason in a body, of an act that is logged with one. @throws ZhidaError `ZD_ERR_REASON_MISSING` for a blank one, else as {@link shortText} */
export function reasonIn(body: unknown, why = 'this act needs a reason'): string {
  const reason = shortText(jsonObjectOf(body), 'reason', REASON_LENGTH_MAX);
  if (reason === null) throw new ZhidaError('ZD_ERR_REASON_MISSING', why, { at: 'reason' });
  return reason;
}
