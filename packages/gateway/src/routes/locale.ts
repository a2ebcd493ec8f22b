import type { FastifyRequest } from 'fastify';
import type { Locale } from '../prompts/view.js';

/** Chinese unless the request prefers English. */
export function localeOf(request: FastifyRequest): Locale {
  return /^en\b/i.test(request.headers['accept-language'] ?? '') ? 'en' : 'zh';
}
