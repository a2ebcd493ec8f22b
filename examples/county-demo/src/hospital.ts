import { nationalRulePack, sampleCountyProfile } from '@zhida/packs';
import { openDatabase } from '@zhida/database';
import { createGateway, type GatewaySchema } from '@zhida/gateway';
import { createRelay, type RelaySchema } from '@zhida/relay';
import { openKeyDirectory } from '@zhida/signing';
import { pino } from 'pino';
import { runChild } from './child.js';
import { DEMO_HOSPITAL } from './hospital-facts.js';
import { HOST, PARTIES } from './layout.js';

export interface HospitalConfig {
  readonly gateway: HospitalPart;
  readonly relay: HospitalPart;
}

interface HospitalPart {
  readonly databaseUrl: string;
  readonly keys: string;
  readonly data: string;
  readonly port: number;
}

/** The small install: one process, two listeners on two ports; the browser knows the gateway alone, agencies the relay alone. */
runChild(async ({ gateway: front, relay: back }: HospitalConfig) => {
  const logger = pino({ name: 'hospital', level: 'info' });
  const relayDatabase = openDatabase<RelaySchema>({ url: back.databaseUrl });
  const relay = await createRelay({
    database: relayDatabase,
    keys: await openKeyDirectory(back.keys),
    profile: sampleCountyProfile,
    mode: 'test',
    facilityCodes: [DEMO_HOSPITAL.code],
    queue: { backend: 'postgres', url: back.databaseUrl },
    dataDirectory: back.data,
    listen: { host: HOST, port: back.port },
    logger: logger.child({ part: 'relay' }),
  });
  const gatewayDatabase = openDatabase<GatewaySchema>({ url: front.databaseUrl });
  const gateway = await createGateway({
    database: gatewayDatabase,
    keys: await openKeyDirectory(front.keys),
    relayParty: PARTIES.relay.party,
    facility: DEMO_HOSPITAL,
    profile: sampleCountyProfile,
    pack: nationalRulePack,
    dataDirectory: front.data,
    listen: { host: HOST, port: front.port },
    logger: logger.child({ part: 'gateway' }),
  });
  await relay.start();
  await gateway.start();
  return {
    ready: {},
    async stop() {
      await gateway.stop();
      await relay.stop();
      await Promise.all([gatewayDatabase.close(), relayDatabase.close()]);
    },
  };
});
