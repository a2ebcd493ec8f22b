import { isZhidaError } from '@zhida/core';
import { type Logger, pino } from 'pino';
import { exitCodeOf } from '../exit-codes.js';
import { type Databases, openDatabases } from './databases.js';
import type { ReadConfiguration } from './configuration.js';

/** A service that runs until it is stopped. */
export interface Service {
  /** Where it listens. */
  readonly url: string;
  stop(): Promise<void>;
}

/** What every service is started with. */
export interface ServiceContext extends ReadConfiguration {
  readonly databases: Databases;
  readonly logger: Logger;
}

export type StartService = (context: ServiceContext) => Promise<Service>;

/**
 * Starts services in this order, says where they listen, and stops them in the opposite order at SIGTERM or SIGINT. Resolves
 * when all have stopped; a service that cannot start stops those before it and is thrown.
 */
export async function runServices(read: ReadConfiguration, starts: Readonly<Record<string, StartService>>): Promise<void> {
  const logger = pino({ level: read.configuration.logLevel ?? 'info' });
  const databases = openDatabases(read);
  const running: [name: string, service: Service][] = [];
  const asked = stopAsked();
  try {
    for (const [name, start] of Object.entries(starts)) {
      const service = await start({ ...read, databases, logger: logger.child({ service: name }) });
      running.push([name, service]);
      logger.info({ service: name, url: service.url }, 'ready');
      if (asked.already()) break;
    }
    await asked.promise;
  } finally {
    asked.forget();
    for (const [name, service] of running.toReversed()) {
      await service.stop().catch((error: unknown) => {
        logger.error({ service: name, code: isZhidaError(error) ? error.code : undefined }, 'did not stop cleanly');
        process.exitCode = exitCodeOf(error);
      });
    }
    await databases.stop();
  }
}

interface StopAsked {
  readonly promise: Promise<void>;
  already(): boolean;
  forget(): void;
}

/** Listened for from the start: a container that is stopped while it migrates still ends in order. */
function stopAsked(): StopAsked {
  let already = false;
  let resolveAsked: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (resolveAsked = resolve));
  const ask = (): void => {
    already = true;
    resolveAsked();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, ask);
  return {
    promise,
    already: () => already,
    forget: () => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, ask);
    },
  };
}
