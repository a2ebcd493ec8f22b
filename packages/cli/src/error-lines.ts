import { aboutError, isZhidaError, stackFrames } from '@zhida/core';

/**
 * What standard error is told of an error. The message of a foreign one may quote what it failed on, a row or a record: its name,
 * its code and where it happened do not (INV-11). What the system says of a file names the file alone.
 */
export function errorLines(error: unknown): string {
  if (isZhidaError(error)) return `${error.code}${error.at === undefined ? '' : ` at ${error.at}`}: ${error.message}`;
  if (error instanceof Error && 'syscall' in error && 'path' in error) return error.message;
  const { error: name, code } = aboutError(error);
  return [`a bug: ${name}${code === undefined ? '' : ` ${code}`}`, ...stackFrames(error)].join('\n');
}
