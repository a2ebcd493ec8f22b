import { isZhidaError } from '@zhida/core';

export interface Running<Ready> {
  readonly ready: Ready;
  stop(): Promise<void>;
}

/**
 * The frame of every child process: takes its configuration from the channel, says `ready`, and stops when the channel
 * closes. SIGINT is left to the parent, because Ctrl-C reaches the whole group and only the parent knows the order of stopping.
 */
export function runChild<Config, Ready>(start: (config: Config) => Promise<Running<Ready>>): void {
  process.on('SIGINT', () => {});
  let stopping = false;
  let running: Running<Ready> | undefined;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    try {
      await running?.stop();
    } finally {
      process.exit(0);
    }
  };
  process.once('disconnect', () => void stop());
  process.once('SIGTERM', () => void stop());
  process.once('message', (config) => {
    start(config as Config).then(
      (started) => {
        running = started;
        process.send?.({ ready: started.ready });
      },
      (error: unknown) => {
        process.stderr.write(`${describe(error)}\n`);
        // The message of a foreign error may quote what it read; it stays in the log.
        const failed = isZhidaError(error) ? `${error.code}: ${error.message}` : 'it could not start';
        process.send?.({ failed }, () => process.exit(78));
      },
    );
  });
}

/** Name, code and the places in the code: the message of a foreign error may quote a row, and a log is not a chart. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as { code?: unknown };
  const places = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return [
    `${error.name} ${isZhidaError(error) ? `${error.code}: ${error.message}` : typeof code === 'string' ? code : ''}`,
    ...places,
  ].join('\n');
}
