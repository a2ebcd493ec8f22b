import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createId, systemClock } from '@zhida/core';
import { type OpenDatabase, openDatabase } from '@zhida/database';
import { startEmbeddedPostgres } from '@zhida/database/embedded';
import {
  addTrust,
  createKeyDirectory,
  exportTrustFile,
  type KeyDirectory,
  signAssertion,
  signTicket,
  trustFingerprint,
} from '@zhida/signing';
import { type Door, openDoor } from './door.js';
import { createLogger, createRelay, type QueueOptions, type Relay, type RelayProfile, type RelaySchema } from '../src/index.js';

const FACILITY = '91440299MA5DEM0001';
const AGENCIES = ['agency:police-440299', 'agency:civil-affairs-440299'] as const;
const profile: RelayProfile = {
  id: 'yunxi-440299',
  version: '1',
  regionCode: '440299',
  hospitalIndex: { [FACILITY]: 3 },
  recipients: AGENCIES.map((party, index) => {
    const kind = index === 0 ? ('police' as const) : ('civil-affairs' as const);
    return { party, kind, view: kind, name: { zh: kind, en: kind }, system: 'push', priority: index + 1 };
  }),
};
const REPORT = JSON.stringify({
  schemaVersion: '1',
  kind: 'initial',
  createdAt: '2026-11-22T20:29:40+08:00',
  facility: { code: FACILITY, name: '云溪县人民医院' },
  patient: {
    name: '张某某',
    sex: 'female',
    birthDate: '2013-03-18',
    identifiers: [],
    address: { text: '云溪县某路', regionCode: '440299' },
  },
  whereabouts: { status: 'in-facility', place: '急诊2诊室' },
  suspicion: { situations: ['opinion-2020:4.1'], observed: '血HCG升高' },
});

/** A relay with its ledger and the door its attempts go to, all on this machine. */
export interface Bench {
  readonly relay: Relay;
  readonly door: Door;
  readonly database: OpenDatabase<RelaySchema>;
  /** Of each agency, by its party. */
  readonly agencyKeys: ReadonlyMap<string, KeyDirectory>;
  /** Headers of presses that were not made yet; signing them is the gateway's work and not measured. */
  headers(count: number): Promise<Record<string, string>[]>;
  close(): Promise<void>;
}

export interface BenchOptions {
  /** @defaultValue the ledger's own server */
  readonly queue?: QueueOptions;
  /** Attempts each agency takes in a second. @defaultValue more than there are */
  readonly perSecond?: number;
}

export async function openBench({ queue, perSecond = 10_000 }: BenchOptions = {}): Promise<Bench> {
  const root = mkdtempSync(join(tmpdir(), 'zhida-bench-relay-'));
  // As root the database server runs under another account, which must pass through.
  chmodSync(root, 0o711);
  const server = await startEmbeddedPostgres({ directory: join(root, 'postgres') });
  const { url } = await server.ensureDatabase({ database: 'bench', role: 'bench' });
  const database = openDatabase<RelaySchema>({ url });
  const door = await openDoor();
  const { relayKeys, gateway, agencyKeys } = await meet(root, door.url);
  const relay = await createRelay({
    database,
    keys: relayKeys,
    profile,
    mode: 'test',
    facilityCodes: [FACILITY],
    queue: queue ?? { backend: 'postgres', url },
    dataDirectory: join(root, 'data'),
    listen: { host: '127.0.0.1', port: 0 },
    logger: createLogger({ level: 'silent' }),
    endpoints: Object.fromEntries(AGENCIES.map((party) => [party, { privateNetworks: ['127.0.0.0/8'], perSecond, concurrency: 32 }])),
    // The agencies here say no to everything; the breaker has tests of its own.
    delivery: { breakerAfter: 1_000_000 },
  });
  return {
    relay,
    door,
    database,
    agencyKeys,
    headers: (count) => Promise.all(Array.from({ length: count }, async () => headersOf(gateway))),
    async close() {
      await relay.stop();
      await door.close();
      await database.close();
      await server.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

interface Met {
  readonly relayKeys: KeyDirectory;
  readonly gateway: KeyDirectory;
  readonly agencyKeys: ReadonlyMap<string, KeyDirectory>;
}

async function meet(root: string, baseUrl: string): Promise<Met> {
  const keysOf = (party: string, role: 'relay' | 'gateway' | 'agency'): Promise<KeyDirectory> =>
    createKeyDirectory(join(root, 'keys', party.replace(':', '_')), { party, role, mode: 'test' });
  const [relayKeys, gateway] = [await keysOf('relay:yunxi', 'relay'), await keysOf('gateway:yunxi', 'gateway')];
  const agencies = await Promise.all(AGENCIES.map((agency) => keysOf(agency, 'agency')));
  for (const party of [gateway, ...agencies]) {
    const file = exportTrustFile(party, {
      baseUrl,
      notBefore: '2026-01-01T00:00:00Z',
      notAfter: '2036-01-01T00:00:00Z',
    });
    await addTrust(relayKeys, file, { fingerprint: trustFingerprint(file) });
  }
  return { relayKeys, gateway, agencyKeys: new Map(agencies.map((keys) => [keys.party, keys])) };
}

async function headersOf(keys: KeyDirectory): Promise<Record<string, string>> {
  const now = systemClock.now();
  const pressId = `press-${createId('prs')}`;
  const iat = Math.floor(now / 1000);
  const common = { facility: FACILITY, mode: 'test', iat, exp: iat + 3600 } as const;
  const reporter = { name: '操作员甲', role: 'doctor', staffId: 'S-77' };
  const ids = { sub: 'account-77', encounterId: 'V0001', promptId: null, pressId, purpose: 'report', jti: createId('tkt') } as const;
  const ticket = await signTicket({ iss: keys.party, aud: 'relay:yunxi', ...common, ...ids, reporter }, keys);
  const scope = { audience: 'relay:yunxi', scope: 'report:create', facility: FACILITY, lifetimeSeconds: 300, now };
  const authorization = `Bearer ${await signAssertion({ keys, ...scope })}`;
  return { 'content-type': 'application/json', 'idempotency-key': pressId, authorization, 'press-ticket': ticket };
}

export async function press({ relay }: Bench, headers: Record<string, string>): Promise<number> {
  const began = performance.now();
  const { statusCode } = await relay.app.inject({ method: 'POST', url: '/v1/reports', headers, payload: REPORT });
  if (statusCode !== 202) throw new Error(`a press was answered ${statusCode}`);
  return performance.now() - began;
}

/** From the 202 to the first attempt at the police, one report after the other on an idle queue. */
export async function firstAttempts(bench: Bench, count: number): Promise<number[]> {
  const times: number[] = [];
  for (const headers of await bench.headers(count)) {
    const answer = await bench.relay.app.inject({ method: 'POST', url: '/v1/reports', headers, payload: REPORT });
    const answered = performance.now();
    const { deliveries } = answer.json<{ deliveries: { deliveryId: string }[] }>();
    const arrived = await Promise.all(deliveries.map(({ deliveryId }) => bench.door.arrived(deliveryId)));
    times.push(Math.max(0, Math.min(...arrived) - answered));
  }
  return times.toSorted((a, b) => a - b);
}
