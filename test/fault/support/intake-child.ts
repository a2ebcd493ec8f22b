import type { AddressInfo } from 'node:net';
import { openDatabase } from '@zhida/database';
import { createLogger, createRelay, type RelaySchema } from '@zhida/relay';
import { openKeyDirectory } from '@zhida/signing';
import { endpoints, FACILITY, profile } from './profile.js';
import { killAt, type StatementMoment, watchTransactions } from './statements.js';

/** What the test hands to this process. */
export interface IntakeChildOptions {
  readonly ledgerUrl: string;
  readonly applicationName: string;
  readonly keys: string;
  readonly dataDirectory: string;
}

/** Where this process kills itself; `sent` means that the statement is on its way and its result unread. */
export interface KillOrder {
  readonly position: number;
  readonly moment: StatementMoment;
}

export type FromIntakeChild =
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'armed' }
  | { readonly kind: 'statement'; readonly position: number; readonly text: string };

const options = JSON.parse(process.argv[2] ?? '{}') as IntakeChildOptions;
const tell = (message: FromIntakeChild): void => void process.send?.(message);
let order: KillOrder | undefined;

const database = openDatabase<RelaySchema>({ url: options.ledgerUrl, applicationName: options.applicationName, maxConnections: 4 });
// Before the relay opens its first connection; until the order comes it only looks on.
watchTransactions(database.pool, ({ position, text }, moment) => {
  if (order === undefined) return;
  if (moment === 'before') tell({ kind: 'statement', position, text });
  if (order.position !== position || order.moment !== moment) return;
  killAt(moment);
});
async function serve(): Promise<void> {
  const relay = await createRelay({
    database,
    keys: await openKeyDirectory(options.keys),
    profile,
    mode: 'test',
    facilityCodes: [FACILITY],
    endpoints,
    queue: { backend: 'postgres', url: options.ledgerUrl },
    dataDirectory: options.dataDirectory,
    listen: { host: '127.0.0.1', port: 0 },
    logger: createLogger({ level: 'silent' }),
  });
  process.on('message', (message) => {
    order = message as KillOrder;
    tell({ kind: 'armed' });
  });
  // A parent that is killed must not leave this process behind.
  process.on('disconnect', () => process.exit(1));
  // HTTP alone, without sweep, worker and sequencer: the only transactions of this process are those of presses.
  await relay.app.listen({ host: '127.0.0.1', port: 0 });
  tell({ kind: 'ready', url: `http://127.0.0.1:${(relay.app.server.address() as AddressInfo).port}` });
}

void serve();
