/**
 * A gateway with one MLLP feed in a process of its own, for tests that kill it. Arguments: database URL, key directory, data
 * directory, facility (JSON). Prints the port it listens on.
 */
import { openDatabase } from '@zhida/database';
import { createGateway, type GatewayFacility, type GatewaySchema } from '@zhida/gateway';
import { nationalRulePack, sampleCountyProfile } from '@zhida/packs';
import { openKeyDirectory } from '@zhida/signing';
import { pino } from 'pino';

const [url = '', keys = '', dataDirectory = '', facility = ''] = process.argv.slice(2);
const gateway = await createGateway({
  database: openDatabase<GatewaySchema>({ url }),
  keys: await openKeyDirectory(keys),
  relayParty: 'relay:yunxi',
  facility: JSON.parse(facility) as GatewayFacility,
  profile: sampleCountyProfile,
  pack: nationalRulePack,
  dataDirectory,
  listen: { host: '127.0.0.1', port: 0 },
  logger: pino({ level: 'silent' }),
  feeds: [{ kind: 'mllp', name: 'his', port: 0 }],
});
await gateway.start();
process.stdout.write(`${gateway.feeds[0]?.port}\n`);
