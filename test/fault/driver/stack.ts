import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@zhida/core';
import { migrate, type OpenDatabase, openDatabase } from '@zhida/database';
import { startEmbeddedPostgres } from '@zhida/database/embedded';
import { DELIVERY_DEFAULTS, type QueueOptions, relayMigrations, type RelaySchema } from '@zhida/relay';
import { createKeyDirectory, type KeyDirectory } from '@zhida/signing';
import { mulberry32 } from '../../support/random.js';
import { type Balancer, startBalancer } from '../support/balancer.js';
import type { Child } from '../support/child.js';
import { introduce } from '../support/county.js';
import { CIVIL_AFFAIRS, GATEWAY, POLICE, RELAY } from '../support/profile.js';
import { type RestartableRedis, restartableRedis } from '../support/redis-on-port.js';
import type { BoundarySeen, RelayChildOptions } from '../support/relay-child.js';
import { buildRelayProcess, startRelayProcess } from '../support/relay-process.js';
import type { Boundary } from '../support/statements.js';
import { type MoodyAgency, openDoor } from './agency.js';
import { type Boundaries, createBoundaries } from './boundaries.js';
import { watchShown } from './shown.js';

const RELAYS = 2;
/** As a service manager waits before it starts again what could not start. */
const RESTART_MS = 500;
/** The last rungs would be all that a run waits for in its end. */
const LADDER_SECONDS_MAX = 6;
const hundredfold = (seconds: number): number => Math.min(seconds / 100, LADDER_SECONDS_MAX);
/** The ladder and the breaker of the default a hundred times faster; time-out and lease ten times, as a busy machine needs them. */
const DELIVERY: RelayChildOptions['delivery'] = {
  ladderSeconds: DELIVERY_DEFAULTS.ladderSeconds.map(hundredfold),
  thenEverySeconds: hundredfold(DELIVERY_DEFAULTS.thenEverySeconds),
  breakerPauseMs: DELIVERY_DEFAULTS.breakerPauseMs / 100,
  attemptTimeoutMs: 1_500,
  leaseMs: 3_000,
  leaseMarginMs: 500,
  endpointConcurrency: 16,
  // Half of what a relay has by default: with two of them, looking five times a second is a tenth of what this machine can do.
  sweepEveryMs: 500,
  overdueAfterMs: 1_000,
  queueTimeoutMs: 500,
  endpointPerSecond: 1_000,
};
export const LEASE_MS = 3_000;
/** After how many statements a relay process looks for its end; in a short run soon, or none would die of itself. */
const STATEMENTS = { least: 200, most: 26_000, mostPerReport: 9 };
/** Where each place is to be died at, it is at first sight. */
const AT_ONCE = { least: 0, most: 0 };
/** Some time one dies where another died before: what is rare may be rare because this one lives. */
const STATEMENTS_LATEST = 35_000;

/** A county on this machine that is there to be broken: everything in it is real, and a process of its own where it can be killed. */
export interface Stack {
  readonly balancer: Balancer;
  readonly gateway: { readonly clock: typeof systemClock; readonly gatewayKeys: KeyDirectory };
  readonly agencies: readonly MoodyAgency[];
  readonly ledger: OpenDatabase<RelaySchema>;
  readonly relayKeys: KeyDirectory;
  readonly redis: RestartableRedis | undefined;
  readonly auditDirectory: string;
  /** The relay processes that live now. */
  readonly relays: ReadonlyMap<number, Child>;
  readonly boundaries: Boundaries;
  /** Crashes the database server: it ends every connection and recovers from its log. @returns false where no relay has a connection to crash it by. */
  crashDatabase(): Promise<boolean>;
  /** Lets relays that die stay dead. */
  stopRelays(): Promise<void>;
  close(): Promise<void>;
}

export type QueueBackend = QueueOptions['backend'];

interface StackOptions {
  readonly seed: number;
  readonly reports: number;
  readonly everyBoundary: boolean;
  /** What wakes the relays. */
  readonly queue: QueueBackend;
  /** From 1: how many times more statements than they could the processes get to send before they die. */
  readonly calm: number;
}

export async function openStack({ seed, reports, everyBoundary, queue: backend, calm }: StackOptions): Promise<Stack> {
  const root = mkdtempSync(join(tmpdir(), 'zhida-fault-run-'));
  // As root the database server runs under another account, which must pass through.
  chmodSync(root, 0o711);
  const balancer = await startBalancer();
  const [server, { keys, agencies }, redis] = await Promise.all([
    startEmbeddedPostgres({ directory: join(root, 'postgres') }),
    meet(root, balancer.url, seed),
    backend === 'redis' ? restartableRedis() : undefined,
    buildRelayProcess(),
  ]);
  const { url: ledgerUrl } = await server.ensureDatabase({ database: 'ledger', role: 'ledger' });
  await redis?.start();
  const queue: QueueOptions = redis === undefined ? { backend: 'postgres', url: ledgerUrl } : { backend: 'redis', url: redis.url };
  const ledger = openDatabase<RelaySchema>({ url: ledgerUrl, applicationName: 'onlooker', maxConnections: 3 });
  await migrate(ledger.pool, relayMigrations, { namespace: 'relay' });
  await watchShown(ledger.pool);
  const options = { ledgerUrl, keys: keys.relay.directory, dataDirectory: join(root, 'data'), queue, delivery: DELIVERY, township: true };
  const most = Math.min(STATEMENTS.most, reports * STATEMENTS.mostPerReport) * calm;
  const statements = everyBoundary ? AT_ONCE : { least: STATEMENTS.least, most };
  const boundaries = createBoundaries();
  const relays = superviseRelays(options, balancer, { random: mulberry32(seed + 2), statements, boundaries, root });
  const administrator = openDatabase<unknown>({ url: server.administratorUrl(), applicationName: 'breaker', maxConnections: 1 });
  return {
    balancer,
    gateway: { clock: systemClock, gatewayKeys: keys.gateway },
    agencies,
    ledger,
    relayKeys: keys.relay,
    redis,
    auditDirectory: join(root, 'data', 'audit'),
    relays: relays.living,
    boundaries,
    crashDatabase: () => crash(administrator),
    stopRelays: () => relays.stop(),
    async close() {
      await relays.stop();
      await Promise.all(agencies.map((agency) => agency.close()));
      await Promise.all([balancer.close(), ledger.close(), administrator.close(), redis?.close()]);
      await server.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function meet(
  root: string,
  relayUrl: string,
  seed: number,
): Promise<{ keys: Record<'relay' | 'gateway', KeyDirectory>; agencies: MoodyAgency[] }> {
  const keysOf = (party: string, role: 'relay' | 'gateway' | 'agency'): Promise<KeyDirectory> =>
    createKeyDirectory(join(root, 'keys', party.replace(':', '_')), { party, role, mode: 'test' });
  const [relay, gateway] = [await keysOf(RELAY, 'relay'), await keysOf(GATEWAY, 'gateway')];
  const [police, civilAffairs] = [await keysOf(POLICE, 'agency'), await keysOf(CIVIL_AFFAIRS, 'agency')];
  await introduce(gateway, relay, relayUrl);
  const agencies: MoodyAgency[] = [];
  for (const { getsAttachments, keys, otherKeys } of [
    { getsAttachments: true, keys: police, otherKeys: civilAffairs },
    { getsAttachments: false, keys: civilAffairs, otherKeys: police },
  ] as const) {
    const door = await openDoor();
    await introduce(keys, relay, door.url);
    await introduce(relay, keys, relayUrl);
    const random = mulberry32(seed + 10 + agencies.length);
    const directory = join(root, 'inbox', String(agencies.length));
    agencies.push(await door.open({ getsAttachments, keys, otherKeys, relayUrl, random, directory }));
  }
  return { keys: { relay, gateway }, agencies };
}

interface Supervised {
  readonly living: ReadonlyMap<number, Child>;
  stop(): Promise<void>;
}

interface Dying {
  readonly random: () => number;
  /** How many a process sends before it looks for its end. */
  readonly statements: { readonly least: number; readonly most: number };
  readonly boundaries: Boundaries;
  readonly root: string;
}

/** Keeps as many relay processes alive as there should be; each is to die at some statement of its own. */
function superviseRelays(
  options: Omit<RelayChildOptions, 'applicationName'>,
  balancer: Balancer,
  { random, statements: { least, most }, boundaries, root }: Dying,
): Supervised {
  const living = new Map<number, Child>();
  let stopping = false;

  async function keep(place: number): Promise<void> {
    const marker = join(root, `died-${place}`);
    while (!stopping) {
      const after = least + Math.floor(random() * (most - least));
      let child: Child | undefined;
      const started = startRelayProcess(
        { ...options, applicationName: `relay-${place}`, dies: { after, latest: STATEMENTS_LATEST, done: boundaries.done(), marker } },
        (born) => {
          child = born;
          living.set(place, born);
        },
      );
      // One that dies before it listens is started again like any other.
      const url = await started.then((relay) => relay.url).catch(() => undefined);
      if (url !== undefined) balancer.targets.push(url);
      await child?.ended;
      living.delete(place);
      for (const { seen } of child?.messages<Partial<BoundarySeen>>() ?? []) if (seen !== undefined) boundaries.seen(seen);
      if (existsSync(marker)) boundaries.diedAt(JSON.parse(readFileSync(marker, 'utf8')) as Boundary);
      rmSync(marker, { force: true });
      if (url === undefined && !stopping) await delay(RESTART_MS);
      if (url !== undefined) balancer.targets.splice(balancer.targets.indexOf(url), 1);
    }
  }

  const places = Array.from({ length: RELAYS }, (_, place) => keep(place));
  return {
    living,
    async stop() {
      stopping = true;
      for (const child of living.values()) {
        child.signal('SIGCONT');
        child.signal('SIGKILL');
      }
      await Promise.all(places);
    },
  };
}

async function crash({ pool }: OpenDatabase<unknown>): Promise<boolean> {
  const { rows } = await pool.query<{ pid: number }>(
    `select pid from pg_stat_activity where datname = 'ledger' and application_name like 'relay-%' limit 1`,
  );
  const pid = rows[0]?.pid;
  // A backend that dies by a signal may have broken shared memory: the server ends all of them and recovers.
  return pid !== undefined && process.kill(pid, 'SIGKILL');
}
