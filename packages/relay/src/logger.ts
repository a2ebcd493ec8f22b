import { type Logger, pino } from 'pino';

/** Never logged, whoever asks for it: bodies and credentials (INV-11). */
export const REDACTED_PATHS: readonly string[] = [
  'body',
  '*.body',
  'payload',
  '*.payload',
  'headers',
  '*.headers',
  'authorization',
  '*.authorization',
  'jws',
  '*.jws',
];

/** The relay's logger: ids, codes and counts as JSON lines, with a net under whoever forgets that. */
export function createLogger(options: { readonly level?: string; readonly destination?: { write(line: string): void } } = {}): Logger {
  const settings = { level: options.level ?? 'info', redact: { paths: [...REDACTED_PATHS], remove: true }, base: { service: 'relay' } };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}
