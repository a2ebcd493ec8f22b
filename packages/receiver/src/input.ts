import { ZhidaError } from '@zhida/core';

// Control characters have no place in a number or a reason, and break whatever prints them.
const CONTROL = /\p{Cc}/u;

/**
 * A short text an officer may leave out: trimmed, `null` when empty.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` or `ZD_ERR_INPUT_TOO_LARGE`, naming the field alone.
 */
export function optionalText(value: unknown, at: string, maxLength: number): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a text is expected', { at });
  const text = value.trim();
  if (text === '') return null;
  if (text.length > maxLength) throw new ZhidaError('ZD_ERR_INPUT_TOO_LARGE', `at most ${maxLength} characters`, { at });
  if (CONTROL.test(text.replaceAll(/[\n\r\t]/g, ' ')))
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'control characters are not text', { at });
  return text;
}

/** A text an act cannot do without. @throws ZhidaError with `missing` when it is empty. */
export function requiredText(
  value: unknown,
  at: string,
  maxLength: number,
  missing: 'ZD_ERR_REASON_MISSING' | 'ZD_ERR_INPUT_UNREADABLE' = 'ZD_ERR_INPUT_UNREADABLE',
): string {
  const text = optionalText(value, at, maxLength);
  if (text === null) throw new ZhidaError(missing, 'a text is needed', { at });
  return text;
}
