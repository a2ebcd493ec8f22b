/** What may be said of a foreign error in a log: its message may quote a row. */
export function aboutError(error: unknown): { error: string; code: string | undefined } {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return { error: error instanceof Error ? error.name : typeof error, code: typeof code === 'string' ? code : undefined };
}

/** Where it happened, without the message that stands in the first lines of a stack. */
export function stackFrames(error: unknown): string[] {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  return lines.filter((line) => /^\s+at /.test(line)).slice(0, 8);
}
