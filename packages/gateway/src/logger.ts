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

/** What may be said of a foreign error in a log: its message may quote a row. */
export function nameOf(error: unknown): { error: string; code: string | undefined } {
  const code = (error as { code?: unknown } | undefined)?.code;
  return { error: error instanceof Error ? error.name : typeof error, code: typeof code === 'string' ? code : undefined };
}

/** Where it happened, without the message that stands in the first lines of a stack. */
export function stackOf(error: unknown): string[] {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  return lines.filter((line) => /^\s+at /.test(line)).slice(0, 8);
}
