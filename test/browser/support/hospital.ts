import { join } from 'node:path';
import { type Json, systemClock } from '@zhida/core';
import { openDatabase } from '@zhida/database';
import { createGateway, type Gateway, type GatewayFacility, type GatewaySchema } from '@zhida/gateway';
import { nationalRulePack, sampleCountyProfile } from '@zhida/packs';
import { createLogger } from '@zhida/relay';
import { addOfficer, signAssertion } from '@zhida/signing';
import { createTestDatabase, deployment, freePort, type TestDatabase, type TestQueue, testQueue } from '@zhida/testkit';
import { startChild } from '../../fault/support/child.js';
import { type Agency, openAgency } from './agency.js';
import { type His, startHis } from './his.js';
import { introduce, type Keys, makeKeys, PARTIES } from './parties.js';
import { openRelay, type RelayPlace } from './relay.js';
import type { RelayChildOptions } from './relay-child.js';

/** An invented hospital of the invented county 云溪县. */
const FACILITY: GatewayFacility = {
  code: Object.keys(sampleCountyProfile.hospitalIndex)[0] ?? '',
  name: '云溪县人民医院',
  regionCode: '440299',
  address: '云溪县城关镇人民路1号',
  dutyContact: { title: '总值班', phone: '0000-5550100' },
  securityContact: { phone: '0000-5550119' },
};

const HOST = '127.0.0.1';

/**
 * Everything a press goes through, each on a real port over real PostgreSQL: HIS page, gateway, relay (or two processes over one
 * ledger, on either queue, as `ZHIDA_TEST_RELAYS` and `ZHIDA_TEST_QUEUE` ask) and two agencies.
 */
export interface Hospital {
  readonly his: His;
  readonly gatewayUrl: string;
  readonly police: Agency;
  readonly civilAffairs: Agency;
  /** Lets a person sign in to the duty desk; @returns their code. */
  dutyOfficer(id: string, name: string): Promise<string>;
  /** Stops the relays, as a restart does; `startRelays` brings them back on the same ledger. */
  stopRelays(): Promise<void>;
  startRelays(): Promise<void>;
  /** Sends a visit, as the HIS does on save. */
  send(visit: object): Promise<void>;
  mint(account: string, role: string, overrides?: { lifetimeSeconds?: number }): Promise<string>;
  /** Reports the relay has. */
  reports(): Promise<{ press_id: string; number: string; auth_degraded: boolean }[]>;
  presses(): Promise<{ state: string }[]>;
  gatewayRows(sql: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function openHospital(): Promise<Hospital> {
  const { keys, directory, remove } = await makeKeys();
  const [gatewayPort, relayPort, secondPort, policePort, civilPort] = await Promise.all(Array.from({ length: 5 }, () => freePort()));
  const url = (port: number | undefined): string => `http://${HOST}:${port}`;
  const police = await openAgency(keys.police, policePort ?? 0);
  const civilAffairs = await openAgency(keys.civilAffairs, civilPort ?? 0);
  await trustEachOther(keys, { relay: url(relayPort), police: url(policePort), civilAffairs: url(civilPort) });
  const mint = minter(keys);
  const his = await startHis(() => url(gatewayPort), mint);
  const [ledger, front] = [await createTestDatabase(), await createTestDatabase()];
  const relays = relayGroup(keys, ledger, {
    ports: [relayPort ?? 0, secondPort ?? 0],
    directory,
    queue: await testQueue(deployment(), ledger.url),
  });
  await relays.start();
  const gateway = await startGateway(keys, front, { port: gatewayPort ?? 0, directory, hisUrl: his.url });
  return {
    his,
    gatewayUrl: url(gatewayPort),
    police,
    civilAffairs,
    dutyOfficer: async (id, name) => (await addOfficer(keys.gateway.directory, { id, name })).code,
    stopRelays: () => relays.stop(),
    startRelays: () => relays.start(),
    mint,
    send: (visit) => sendVisit(url(gatewayPort), keys, visit),
    reports: () => rowsOf(ledger, 'select press_id, number, auth_degraded from reports order by received_at'),
    presses: () => rowsOf(front, 'select state from presses'),
    gatewayRows: (sql) => rowsOf(front, sql),
    async close() {
      await his.close();
      await gateway.close();
      await relays.stop();
      await Promise.all([police.close(), civilAffairs.close()]);
      await Promise.all([ledger.drop(), front.drop(), remove()]);
    },
  };
}

async function trustEachOther(keys: Keys, urls: { relay: string; police: string; civilAffairs: string }): Promise<void> {
  await introduce(keys.his, keys.gateway);
  await introduce(keys.relay, keys.gateway, urls.relay);
  await introduce(keys.gateway, keys.relay);
  for (const name of ['police', 'civilAffairs'] as const) {
    await introduce(keys[name], keys.relay, urls[name]);
    await introduce(keys.relay, keys[name], urls.relay);
  }
}

function minter(keys: Keys): Hospital['mint'] {
  return (account, role, { lifetimeSeconds = 900 } = {}) =>
    signAssertion({
      keys: keys.his,
      audience: PARTIES.gateway,
      scope: 'prompt:answer report:read.own',
      facility: FACILITY.code,
      lifetimeSeconds,
      now: systemClock.now(),
      extra: { sub: account, name: account === 'D1001' ? '李医生' : '王护士', role, staffId: account } satisfies Record<string, Json>,
    });
}

interface RelayGroupOptions {
  readonly ports: readonly number[];
  readonly directory: string;
  readonly queue: TestQueue;
}

/** The first relay here, the second, where it is asked for, in a process of its own over the same ledger, queue and audit files. */
function relayGroup(keys: Keys, ledger: TestDatabase, { ports, directory, queue }: RelayGroupOptions) {
  let running: { close(): Promise<void> }[] = [];
  const placeAt = (port: number): RelayPlace => ({
    ledgerUrl: ledger.url,
    facilityCode: FACILITY.code,
    dataDirectory: join(directory, 'relay-data'),
    queue,
    port,
  });
  return {
    async start() {
      const [first = 0, second = 0] = ports;
      running.push(await openRelay(keys.relay, placeAt(first)));
      if (deployment().relays === 2) running.push(await relayProcess({ ...placeAt(second), keys: join(directory, 'relay') }));
    },
    async stop() {
      for (const relay of running) await relay.close();
      running = [];
    },
  };
}

async function relayProcess(options: RelayChildOptions): Promise<{ close(): Promise<void> }> {
  const child = await startChild('../../browser/support/relay-child.ts', options);
  await child.message((message: { listens?: boolean }) => message.listens === true, 'the second relay listens');
  return {
    async close() {
      child.signal('SIGTERM');
      await child.ended;
    },
  };
}

async function startGateway(keys: Keys, front: TestDatabase, options: { port: number; directory: string; hisUrl: string }) {
  const database = openDatabase<GatewaySchema>({ url: front.url });
  const gateway: Gateway = await createGateway({
    database,
    keys: keys.gateway,
    relayParty: PARTIES.relay,
    facility: FACILITY,
    profile: sampleCountyProfile,
    pack: nationalRulePack,
    dataDirectory: join(options.directory, 'gateway-data'),
    listen: { host: HOST, port: options.port },
    hisOrigins: [options.hisUrl],
    logger: createLogger({ level: 'silent' }),
    settings: { relayAnswerMs: 2_000, outboxSweepMs: 100, outboxLadderMs: [200], streamPollMs: 100 },
  });
  await gateway.start();
  return {
    async close() {
      await gateway.stop();
      await database.close();
    },
  };
}

async function sendVisit(gatewayUrl: string, keys: Keys, visit: object): Promise<void> {
  const clientAssertion = await signAssertion({
    keys: keys.his,
    audience: PARTIES.gateway,
    scope: 'encounter:write',
    facility: FACILITY.code,
    lifetimeSeconds: 300,
    now: systemClock.now(),
  });
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: clientAssertion,
    scope: 'encounter:write',
  });
  const token = (await (await fetch(`${gatewayUrl}/v1/token`, { method: 'POST', body: form })).json()) as { access_token: string };
  const response = await fetch(`${gatewayUrl}/v1/encounters`, {
    method: 'POST',
    body: JSON.stringify(visit),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token.access_token}` },
  });
  if (!response.ok) throw new Error(`the visit was answered ${response.status}`);
}

async function rowsOf<Row>(database: TestDatabase, sql: string): Promise<Row[]> {
  const opened = openDatabase<object>({ url: database.url, maxConnections: 1 });
  try {
    return (await opened.pool.query(sql)).rows as Row[];
  } finally {
    await opened.close();
  }
}
