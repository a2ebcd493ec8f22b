import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@zhida/core';
import { nationalRulePack, sampleCountyProfile } from '@zhida/packs';
import { openDatabase } from '@zhida/database';
import { createGateway, type FeedConfig, type GatewaySchema } from '@zhida/gateway';
import { addOfficer, openKeyDirectory } from '@zhida/signing';
import { pino } from 'pino';
import { runChild } from './child.js';
import { DEMO_HOSPITAL } from './hospital-facts.js';
import { EXAMPLE_ROOT, HOST, PARTIES } from './layout.js';
import { type RelayPart, type ServicePart, startRelay } from './relay-part.js';

export interface HospitalConfig {
  readonly gateway: ServicePart;
  readonly relay: RelayPart;
  readonly feeds: FeedSettings;
  /** The only other origin whose pages may speak to the gateway. */
  readonly hisOrigin: string;
}

export interface HospitalReady {
  /** Who may sign in to the duty desk of the demo; the code is new at every start and kept as a hash alone. */
  readonly officer: { readonly id: string; readonly code: string };
}

const DUTY_OFFICER = { id: 'duty', name: '总值班' };

/** Where the hospital's systems speak to the gateway besides HTTP. */
interface FeedSettings {
  readonly gb18030Port: number;
  readonly utf8Port: number;
  readonly fhirUrl: string;
  readonly fhirCode: string;
  readonly rowsFolder: string;
}

const MAPPING = join(EXAMPLE_ROOT, 'branch.mapping.yaml');
/** Beyond this an older day is not looked at again. */
const FHIR_DAYS_MS = 2 * 86_400_000;

function feedsOf({ gb18030Port, utf8Port, fhirUrl, fhirCode, rowsFolder }: FeedSettings): readonly FeedConfig[] {
  return [
    { kind: 'mllp', name: 'mllp-paediatrics', host: HOST, port: gb18030Port },
    { kind: 'mllp', name: 'mllp-surgery-obstetrics', host: HOST, port: utf8Port },
    {
      kind: 'fhir-poll',
      name: 'fhir-campus',
      baseUrl: fhirUrl,
      bearerToken: async () => fhirCode,
      since: new Date(systemClock.now() - FHIR_DAYS_MS).toISOString(),
      pollMs: 1_000,
    },
    { kind: 'folder', name: 'rows-branch', path: rowsFolder, format: 'his', mapping: MAPPING, pollMs: 250 },
  ];
}

/** The small install: one process, two listeners on two ports; the browser knows the gateway alone, agencies the relay alone. */
runChild(async ({ gateway: front, relay: back, feeds, hisOrigin }: HospitalConfig) => {
  await mkdir(feeds.rowsFolder, { recursive: true, mode: 0o700 });
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
    feeds: feedsOf(feeds),
    hisOrigins: [hisOrigin],
    logger: logger.child({ part: 'gateway' }),
  });
  await gateway.start();
  const { code } = await addOfficer(front.keys, DUTY_OFFICER);
  const ready: HospitalReady = { officer: { id: DUTY_OFFICER.id, code } };
  return {
    ready,
    async stop() {
      await gateway.stop();
      await relay.stop();
      await database.close();
    },
  };
});
