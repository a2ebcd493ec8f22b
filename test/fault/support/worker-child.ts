import type { AddressInfo } from 'node:net';
import { openDatabase } from '@zhida/database';
import { createLogger, createRelay, type RelaySchema } from '@zhida/relay';
import { openKeyDirectory } from '@zhida/signing';
import { FACILITY, profile } from './profile.js';

/** What the test hands to this process. */
export interface WorkerChildOptions {
  readonly ledgerUrl: string;
  readonly applicationName: string;
  readonly keys: string;
  readonly dataDirectory: string;
  readonly attemptTimeoutMs: number;
  readonly leaseMs: number;
  readonly leaseMarginMs: number;
  /** Stands for an answer that is read before the time-out is noticed: its attempts wait as long as they must. */
  readonly outrunsTimeout: boolean;
}

export interface WorkerReady {
  readonly url: string;
}

const { ledgerUrl, applicationName, keys, dataDirectory, outrunsTimeout, ...delivery } = JSON.parse(
  process.argv[2] ?? '{}',
) as WorkerChildOptions;

async function patientFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const { signal: _signal, ...rest } = init;
  return fetch(input, rest);
}

const relay = await createRelay({
  database: openDatabase<RelaySchema>({ url: ledgerUrl, applicationName }),
  keys: await openKeyDirectory(keys),
  profile,
  mode: 'test',
  facilityCodes: [FACILITY],
  queue: { backend: 'postgres', url: ledgerUrl },
  dataDirectory,
  listen: { host: '127.0.0.1', port: 0 },
  logger: createLogger({ level: 'silent' }),
  random: () => 0,
  delivery: { ...delivery, sweepEveryMs: 100, ladderSeconds: [3600], thenEverySeconds: 3600 },
  ...(outrunsTimeout ? { fetch: patientFetch } : {}),
});
// A parent that is killed must not leave this process behind.
process.on('disconnect', () => process.exit(1));
await relay.start();
process.send?.({ url: `http://127.0.0.1:${(relay.app.server.address() as AddressInfo).port}` } satisfies WorkerReady);
