import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type OpenDatabase } from '@zhida/database';
import { sampleCountyProfile } from '@zhida/packs';
import { createRelay, type Relay, type RelaySchema } from '@zhida/relay';
import { createTestDatabase, waitUntil } from '@zhida/testkit';
import { pino } from 'pino';
import { FACILITY, type Fixture } from './fixture.js';

/** The relay as it is installed beside the gateway, with its own keys, its own database, and no agency trusted yet. */
export interface RelayBeside {
  /** The one that runs now. */
  relay: Relay;
  readonly database: OpenDatabase<RelaySchema>;
  /** After `relay.stop()`, where the gateway knows it. */
  startAgain(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a relay and lets the gateway of a fixture without one (`relayTrusted: false`) trust it. */
export async function startRelayBeside({ parties, clock, options: { exercises = [] } }: Fixture): Promise<RelayBeside> {
  const testDatabase = await createTestDatabase();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'zhida-gateway-relay-'));
  const database = openDatabase<RelaySchema>({ url: testDatabase.url });
  const start = async (port: number): Promise<Relay> => {
    const started = await createRelay({
      database,
      keys: parties.relay,
      profile: sampleCountyProfile,
      mode: parties.relay.mode,
      exercises,
      facilityCodes: [FACILITY.code],
      queue: { backend: 'postgres', url: testDatabase.url },
      dataDirectory,
      listen: { host: '127.0.0.1', port },
      clock,
      logger: pino({ level: 'silent' }),
    });
    await started.start();
    return started;
  };
  const beside: RelayBeside = {
    relay: await start(0),
    database,
    startAgain: async () => {
      beside.relay = await start(port);
    },
    close: async () => {
      await beside.relay.stop();
      await database.close();
      await testDatabase.drop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
  const { port } = beside.relay.app.server.address() as { port: number };
  await parties.introduce(parties.relay, parties.gateway, `http://127.0.0.1:${port}`);
  await waitUntil(() => parties.gateway.trusted.party('relay:yunxi') !== undefined, { what: 'the gateway has read the trust file' });
  return beside;
}
