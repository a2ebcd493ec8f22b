import { openDatabase } from '@zhida/database';
import { sampleCountyProfile } from '@zhida/packs';
import { createLogger, createRelay, type QueueOptions, type RelaySchema } from '@zhida/relay';
import type { KeyDirectory } from '@zhida/signing';
import { PARTIES } from './parties.js';

/** What a relay of the browser tests is started with; nothing in it is more than JSON, so that another process can be told. */
export interface RelayPlace {
  readonly ledgerUrl: string;
  readonly facilityCode: string;
  readonly dataDirectory: string;
  readonly queue: QueueOptions;
  readonly port: number;
}

const HOST = '127.0.0.1';
const LOOPBACK = { privateNetworks: ['127.0.0.0/8'] } as const;

/** Starts a relay in this process. */
export async function openRelay(keys: KeyDirectory, place: RelayPlace): Promise<{ close(): Promise<void> }> {
  const database = openDatabase<RelaySchema>({ url: place.ledgerUrl });
  const relay = await createRelay({
    database,
    keys,
    profile: sampleCountyProfile,
    mode: 'test',
    facilityCodes: [place.facilityCode],
    endpoints: { [PARTIES.police]: LOOPBACK, [PARTIES.civilAffairs]: LOOPBACK },
    queue: place.queue,
    dataDirectory: place.dataDirectory,
    listen: { host: HOST, port: place.port },
    logger: createLogger({ level: 'silent' }),
  });
  await relay.start();
  return {
    async close() {
      await relay.stop();
      await database.close();
    },
  };
}
