import type { AddressInfo } from 'node:net';
import { type OpenDatabase, openDatabase } from '@zhida/database';
import {
  createLogger,
  createRelay,
  type QueueOptions,
  type Relay,
  type RelayOptions,
  type RelayProfile,
  type RelaySchema,
} from '@zhida/relay';
import type { County } from './county.js';
import { endpoints, FACILITY, profile } from './profile.js';

/** A relay in this process, over the county's ledger. */
export interface RelayHere {
  readonly relay: Relay;
  /** Where it listens, once it is started. */
  url(): string;
  close(): Promise<void>;
}

export interface RelayHereOptions {
  readonly queue?: QueueOptions;
  readonly delivery?: RelayOptions['delivery'];
  /** @defaultValue the county's own */
  readonly profile?: RelayProfile;
  /** Is given every line the relay logs; without it the relay is silent. */
  readonly log?: (line: string) => void;
  /** Opened by default; it is closed with the relay. */
  readonly database?: OpenDatabase<RelaySchema>;
}

export async function relayHere(county: County, options: RelayHereOptions = {}): Promise<RelayHere> {
  const database = options.database ?? openDatabase<RelaySchema>({ url: county.ledgerUrl, applicationName: 'relay-here' });
  const relay = await createRelay({
    database,
    keys: county.relayKeys,
    profile: options.profile ?? profile,
    mode: 'test',
    facilityCodes: [FACILITY],
    endpoints,
    queue: options.queue ?? { backend: 'postgres', url: county.ledgerUrl },
    dataDirectory: county.dataDirectory,
    listen: { host: '127.0.0.1', port: 0 },
    clock: county.clock,
    logger: options.log === undefined ? createLogger({ level: 'silent' }) : createLogger({ destination: { write: options.log } }),
    delivery: { sweepEveryMs: 100, ...options.delivery },
  });
  return {
    relay,
    url: () => `http://127.0.0.1:${(relay.app.server.address() as AddressInfo).port}`,
    async close() {
      await relay.stop();
      await database.close();
    },
  };
}
