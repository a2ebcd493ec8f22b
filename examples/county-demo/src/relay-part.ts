import { nationalCalendar, sampleCountyProfile } from '@zhida/packs';
import { openDatabase } from '@zhida/database';
import { createRelay, type QueueOptions, type RelaySchema } from '@zhida/relay';
import { openKeyDirectory } from '@zhida/signing';
import type { Logger } from 'pino';
import type { Running } from './child.js';
import { DEMO_HOSPITAL } from './hospital-facts.js';
import { HOST, PARTIES } from './layout.js';

const ON_THIS_MACHINE = { privateNetworks: ['127.0.0.0/8'] };

/** One process's place: its ledger, keys, files and port. */
export interface ServicePart {
  readonly databaseUrl: string;
  readonly keys: string;
  readonly data: string;
  readonly port: number;
}

export interface RelayPart extends ServicePart {
  readonly queue: QueueOptions;
}

/** Starts a relay of the demo hospital; several may work over one ledger. */
export async function startRelay({ databaseUrl, keys, data, port, queue }: RelayPart, logger: Logger): Promise<Running<object>> {
  const database = openDatabase<RelaySchema>({ url: databaseUrl });
  const relay = await createRelay({
    database,
    keys: await openKeyDirectory(keys),
    profile: sampleCountyProfile,
    mode: 'test',
    facilityCodes: [DEMO_HOSPITAL.code],
    // The demo's agencies are on this machine, where no real one would be.
    endpoints: { [PARTIES.police.party]: ON_THIS_MACHINE, [PARTIES['civil-affairs'].party]: ON_THIS_MACHINE },
    escalation: { calendar: nationalCalendar },
    queue,
    dataDirectory: data,
    listen: { host: HOST, port },
    logger: logger.child({ part: 'relay' }),
  });
  await relay.start();
  return {
    ready: {},
    async stop() {
      await relay.stop();
      await database.close();
    },
  };
}
