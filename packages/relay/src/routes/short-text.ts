import { ZhidaError } from '@zhida/core';

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
