import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '@zhida/core';
import { openDatabase } from '@zhida/database';
import { createEgress, createLogger, createRelay, type Post, type QueueOptions, type RelayOptions, type RelaySchema } from '@zhida/relay';
import { openKeyDirectory } from '@zhida/signing';
import { endpoints, FACILITY, profile } from './profile.js';
import { type StatementMoment, watchTransactions } from './statements.js';

/** What the test hands to this process. */
export interface RelayChildOptions {
  readonly ledgerUrl: string;
  readonly applicationName: string;
  readonly keys: string;
  readonly dataDirectory: string;
  readonly queue: QueueOptions;
  readonly delivery: NonNullable<RelayOptions['delivery']>;
  /** Stands for an answer that is read before the time-out is noticed: its attempts wait as long as they must. */
  readonly outrunsTimeout?: boolean;
  /** Kills itself around the n-th statement it sends in transactions, whatever that is. */
  readonly diesAtStatement?: { readonly count: number; readonly moment: StatementMoment };
  /** Epoch milliseconds at which this process's clock stands until it is told another instant; without it the system's clock. */
  readonly frozenAt?: number;
}

export interface RelayChildReady {
  readonly url: string;
}

/** Moves a frozen clock. */
export interface ClockMoved {
  readonly now: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as RelayChildOptions;

const patient: Post = (outgoing) => createEgress().post(outgoing, new AbortController().signal);

function clockOf({ frozenAt }: RelayChildOptions): Clock {
  if (frozenAt === undefined) return systemClock;
  let now = frozenAt;
  process.on('message', (moved: ClockMoved) => {
    now = moved.now;
  });
  return { now: () => now };
}

const database = openDatabase<RelaySchema>({ url: options.ledgerUrl, applicationName: options.applicationName });
const { diesAtStatement } = options;
if (diesAtStatement !== undefined) {
  let sent = 0;
  watchTransactions(database.pool, (_statement, moment) => {
    if (moment === 'before') sent += 1;
    if (sent >= diesAtStatement.count && moment === diesAtStatement.moment) process.kill(process.pid, 'SIGKILL');
  });
}
/** It is ended and started again, as a service manager does it; what it could not reach may be there then. */
function endAsAService(error: { name?: string; code?: string }): never {
  process.stderr.write(`relay process: ${error.name} ${error.code ?? ''}\n`);
  process.exit(75);
}

const relay = await createRelay({
  database,
  keys: await openKeyDirectory(options.keys),
  profile,
  mode: 'test',
  facilityCodes: [FACILITY],
  endpoints,
  queue: options.queue,
  dataDirectory: options.dataDirectory,
  listen: { host: '127.0.0.1', port: 0 },
  clock: clockOf(options),
  logger: createLogger({ level: 'silent' }),
  random: () => 0,
  delivery: options.delivery,
  ...(options.outrunsTimeout === true ? { post: patient } : {}),
}).catch(endAsAService);
// A parent that is killed must not leave this process behind.
process.on('disconnect', () => process.exit(1));
await relay.start().catch(endAsAService);
process.send?.({ url: `http://127.0.0.1:${(relay.app.server.address() as AddressInfo).port}` } satisfies RelayChildReady);
