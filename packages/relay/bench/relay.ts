import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
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
import { type Door, fillTo, openDoor } from './backlog.js';
import { createLogger, createRelay, type Relay, type RelayProfile, type RelaySchema } from '../src/index.js';

/**
 * What a press costs: `pnpm bench relay [--quick | --backlog]`. Everything runs in this process and on a database beside it, so the
 * figures are those of one small machine; `--quick` shows that it works and measures nothing worth reading; `--backlog` adds what a
 * report costs beside 1 000, 10 000 and 100 000 open deliveries.
 */
const BUDGETS = {
  pressP99Ms: { atMost: 50 },
  ofDurableTransactions: { atLeast: 0.5 },
  firstAttemptP99Ms: { atMost: 250 },
} as const;
const BACKLOG_BUDGETS = { costAt10kOver1k: { atMost: 1.2 }, costAt100kOver1k: { atMost: 1.2 }, rssAt100kOver10k: { atMost: 1.2 } } as const;

const quick = process.argv.includes('--quick');
const withBacklog = process.argv.includes('--backlog');
const PRESSES = quick ? 20 : 2_000;
const WARM_UP = quick ? 5 : 300;
const LANES = 8;
const PER_SECOND = 100;
const BESIDE_REPORTS = quick ? 40 : 200;

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

interface Bench {
  readonly relay: Relay;
  readonly door: Door;
  readonly database: OpenDatabase<RelaySchema>;
  /** Headers of presses that were not made yet; signing them is the gateway's work and not measured. */
  headers(count: number): Promise<Record<string, string>[]>;
  close(): Promise<void>;
}

async function open(): Promise<Bench> {
  const root = mkdtempSync(join(tmpdir(), 'zhida-bench-relay-'));
  // As root the database server runs under another account, which must pass through.
  chmodSync(root, 0o711);
  const server = await startEmbeddedPostgres({ directory: join(root, 'postgres') });
  const { url } = await server.ensureDatabase({ database: 'bench', role: 'bench' });
  const database = openDatabase<RelaySchema>({ url });
  const door = await openDoor();
  const { relayKeys, gateway } = await meet(root, door.url);
  const relay = await createRelay({
    database,
    keys: relayKeys,
    profile,
    mode: 'test',
    facilityCodes: [FACILITY],
    queue: { backend: 'postgres', url },
    dataDirectory: join(root, 'data'),
    listen: { host: '127.0.0.1', port: 0 },
    logger: createLogger({ level: 'silent' }),
    endpoints: Object.fromEntries(
      AGENCIES.map((party) => [party, { privateNetworks: ['127.0.0.0/8'], perSecond: 10_000, concurrency: 32 }]),
    ),
    // The agencies here say no to everything; the breaker has tests of its own.
    delivery: { breakerAfter: 1_000_000 },
  });
  return {
    relay,
    door,
    database,
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

async function meet(root: string, baseUrl: string): Promise<{ relayKeys: KeyDirectory; gateway: KeyDirectory }> {
  const keysOf = (party: string, role: 'relay' | 'gateway' | 'agency'): Promise<KeyDirectory> =>
    createKeyDirectory(join(root, 'keys', party.replace(':', '_')), { party, role, mode: 'test' });
  const [relayKeys, gateway] = [await keysOf('relay:yunxi', 'relay'), await keysOf('gateway:yunxi', 'gateway')];
  for (const party of [gateway, ...(await Promise.all(AGENCIES.map((agency) => keysOf(agency, 'agency'))))]) {
    const file = exportTrustFile(party, {
      baseUrl,
      notBefore: '2026-01-01T00:00:00Z',
      notAfter: '2036-01-01T00:00:00Z',
    });
    await addTrust(relayKeys, file, { fingerprint: trustFingerprint(file) });
  }
  return { relayKeys, gateway };
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

async function press({ relay }: Bench, headers: Record<string, string>): Promise<number> {
  const began = performance.now();
  const { statusCode } = await relay.app.inject({ method: 'POST', url: '/v1/reports', headers, payload: REPORT });
  if (statusCode !== 202) throw new Error(`a press was answered ${statusCode}`);
  return performance.now() - began;
}

/** As many as the machine takes, some at once. */
async function perSecond(count: number, once: () => Promise<unknown>): Promise<number> {
  let left = count;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (; left > 0; left -= 1) await once();
    }),
  );
  return (count / (performance.now() - began)) * 1000;
}

async function twoRows({ database: { pool } }: Bench): Promise<void> {
  const client = await pool.connect();
  await client.query('begin');
  for (const id of [createId('rpt'), createId('dlv')])
    await client.query('insert into bench_rows values ($1, $2)', [id, Buffer.alloc(800)]);
  await client.query('commit');
  client.release();
}

/** Pressed at a steady rate, whether or not the one before was answered. */
async function pressP99(bench: Bench, headers: Record<string, string>[]): Promise<number> {
  const times: Promise<number>[] = [];
  const began = performance.now();
  for (const [index, each] of headers.entries()) {
    const wait = began + (index * 1000) / PER_SECOND - performance.now();
    if (wait > 0) await delay(wait);
    times.push(press(bench, each));
  }
  const sorted = (await Promise.all(times)).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}

/** From the 202 to the first attempt at the police, one report after the other on an idle queue. */
async function firstAttempts(bench: Bench, count: number): Promise<number[]> {
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

/** What a report costs from press to both first attempts, and what the process holds, beside so many open deliveries. */
async function beside(bench: Bench, open: number): Promise<{ msPerReport: number; rssMb: number }> {
  await fillTo(bench.database, open);
  await firstAttempts(bench, 20);
  const began = performance.now();
  await firstAttempts(bench, BESIDE_REPORTS);
  return { msPerReport: (performance.now() - began) / BESIDE_REPORTS, rssMb: process.memoryUsage().rss / 2 ** 20 };
}

async function backlog(bench: Bench): Promise<{ figures: Record<keyof typeof BACKLOG_BUDGETS, number>; beside: object }> {
  const [at1k, at10k, at100k] = [await beside(bench, 1_000), await beside(bench, 10_000), await beside(bench, 100_000)];
  return {
    figures: {
      costAt10kOver1k: at10k.msPerReport / at1k.msPerReport,
      costAt100kOver1k: at100k.msPerReport / at1k.msPerReport,
      rssAt100kOver10k: at100k.rssMb / at10k.rssMb,
    },
    beside: { 1_000: at1k, 10_000: at10k, 100_000: at100k },
  };
}

const bench = await open();
try {
  await bench.database.pool.query('create table bench_rows (id text primary key, bytes bytea)');
  for (const headers of await bench.headers(WARM_UP)) await press(bench, headers);
  const waiting = await bench.headers(PRESSES + LANES);
  const cpu = process.cpuUsage();
  const presses = await perSecond(PRESSES, async () => press(bench, waiting.pop() ?? {}));
  const { user, system } = process.cpuUsage(cpu);
  const transactions = await perSecond(PRESSES, () => twoRows(bench));
  const pressP99Ms = await pressP99(bench, await bench.headers(quick ? 10 : PER_SECOND * 10));
  await bench.database.pool.query(`update deliveries set next_due_at = now() + interval '50 minutes', rung = 9`);
  await bench.relay.start();
  const first = await firstAttempts(bench, quick ? 5 : 300);
  const firstAttemptP99Ms = first[Math.floor(first.length * 0.99)] ?? Number.NaN;
  const figures: Record<keyof typeof BUDGETS, number> = { pressP99Ms, ofDurableTransactions: presses / transactions, firstAttemptP99Ms };
  const long = withBacklog ? await backlog(bench) : undefined;
  const perSecondOf = { presses, 'durable transactions of two rows': transactions };
  process.stdout.write(
    `${JSON.stringify({
      figures: { ...figures, ...long?.figures },
      budgets: { ...BUDGETS, ...(long === undefined ? {} : BACKLOG_BUDGETS) },
      perSecond: perSecondOf,
      cpuMsPerPress: (user + system) / 1000 / PRESSES,
      ...(long === undefined ? {} : { beside: long.beside }),
    })}\n`,
  );
} finally {
  await bench.close();
}
