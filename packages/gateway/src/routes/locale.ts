import type { FastifyRequest } from 'fastify';
import type { LocaleName } from '../locales/locale.js';

/** Chinese unless the request prefers English. */
export function localeOf(request: FastifyRequest): LocaleName {
  return /^en\b/i.test(request.headers['accept-language'] ?? '') ? 'en' : 'zh';
}
