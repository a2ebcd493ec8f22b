import type { FastifyBaseLogger } from 'fastify';
import { pino } from 'pino';

/** Never logged, whoever asks for it: bodies and credentials (INV-11). */
const REDACTED_PATHS: readonly string[] = [
  'body',
  '*.body',
  'headers',
  '*.headers',
  'authorization',
  '*.authorization',
  'ticket',
  '*.ticket',
  'token',
  '*.token',
  '["press-ticket"]',
  '*["press-ticket"]',
  '["idempotency-key"]',
  '*["idempotency-key"]',
];

/** The logger the gateway writes to: ids, codes and counts, with a net under whoever forgets that. */
export function gatewayLogger(given: FastifyBaseLogger | undefined): FastifyBaseLogger {
  const logger = given ?? pino({ level: 'info', base: { service: 'gateway' } });
  return logger.child({}, { redact: { paths: [...REDACTED_PATHS], remove: true } } as Parameters<FastifyBaseLogger['child']>[1]);
}
