import { isRecord, ZhidaError } from '@zhida/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * Every body comes as the bytes that were sent, whatever its content type says: a parser in between would coerce, strip or
 * refuse, and a press is hashed, sealed and handed on as it is.
 */
export function takeBodiesAsBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addContentTypeParser(/^application\/(?:\w+\+)?json/i, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

export function bytesOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

/**
 * Reads a body as JSON.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE`, without the parser's message, which quotes the text. Bytes that are not UTF-8
 * are refused: a chart sent as GBK would otherwise be read as noise, and noise has no indications.
 */
export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the body is not UTF-8 JSON', { at: '$' });
  }
}

/** @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` */
export function jsonObjectOf(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const value = jsonOf(bytes);
  if (!isRecord(value)) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the body is not a JSON object', { at: '$' });
  return value;
}

export function formOf(request: FastifyRequest): URLSearchParams {
  return new URLSearchParams(bytesOf(request).toString('utf8'));
}

export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
