/** The part of a pino logger the receiver uses. It is given ids, codes and counts, never a value from a report. */
export interface ReceiverLogger {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** Says nothing. */
export const silentLogger: ReceiverLogger = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
