import type { ReceiverLogger } from '../src/index.js';

/** Keeps every log line, so that a test can look for what must not be there. */
export function collectLogs() {
  const lines: { level: 'info' | 'warn' | 'error'; fields: Record<string, unknown>; message: string }[] = [];
  const at =
    (level: 'info' | 'warn' | 'error') =>
    (fields: Record<string, unknown>, message: string): void => {
      lines.push({ level, fields, message });
    };
  const logger: ReceiverLogger = { info: at('info'), warn: at('warn'), error: at('error') };
  return { logger, lines: () => lines, text: () => JSON.stringify(lines), clear: () => lines.splice(0) };
}
