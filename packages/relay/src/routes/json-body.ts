import { isRecord, ZhidaError } from '@zhida/core';

/** Reads a body of bytes as a JSON object. @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` */
export function jsonObjectOf(body: unknown): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.isBuffer(body) ? body : Buffer.alloc(0)));
    if (isRecord(value)) return value;
  } catch {
    // Said below, without the parser's message, which quotes the text.
  }
  throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the body is not a JSON object', { at: '$' });
}
