import { nationalRulePack, sampleCountyProfile } from '@zhida/packs';
import { openDatabase } from '@zhida/database';
import { createGateway, type GatewaySchema } from '@zhida/gateway';
import { openKeyDirectory } from '@zhida/signing';
import { pino } from 'pino';
import { runChild } from './child.js';
import { DEMO_HOSPITAL } from './hospital-facts.js';
import { HOST, PARTIES } from './layout.js';
import { type RelayPart, type ServicePart, startRelay } from './relay-part.js';

export interface HospitalConfig {
  readonly gateway: ServicePart;
  readonly relay: RelayPart;
}

/** The small install: one process, two listeners on two ports; the browser knows the gateway alone, agencies the relay alone. */
runChild(async ({ gateway: front, relay: back }: HospitalConfig) => {
  const logger = pino({ name: 'hospital', level: 'info' });
  const relay = await startRelay(back, logger);
  const database = openDatabase<GatewaySchema>({ url: front.databaseUrl });
  const gateway = await createGateway({
    database,
    keys: await openKeyDirectory(front.keys),
    relayParty: PARTIES.relay.party,
    facility: DEMO_HOSPITAL,
    profile: sampleCountyProfile,
    pack: nationalRulePack,
    dataDirectory: front.data,
    listen: { host: HOST, port: front.port },
    logger: logger.child({ part: 'gateway' }),
  });
  await gateway.start();
  return {
    ready: {},
    async stop() {
      await gateway.stop();
      await relay.stop();
      await database.close();
    },
  };
});
