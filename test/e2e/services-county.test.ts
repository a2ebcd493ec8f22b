import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@zhida/core';
import { createKeyDirectory, type KeyDirectory } from '@zhida/signing';
import { describeWithRedis, endChild, freePort, waitUntil } from '@zhida/testkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { introduce } from '../fault/support/county.js';
import { ROOT } from '../support/documents.js';
import { type BareService, folderOf, layDatabase, laySecret, startService, untilReady } from './support/bare-service.js';

const DEADLINE_MS = 240_000;
const RELAY = 'relay:440299-01';
const GATEWAY = 'gateway:440299-01';
/** The services of the set-up that are ours, in the order they are started here. */
const SERVICES = ['relay-1', 'relay-2', 'gateway'] as const;
type Service = (typeof SERVICES)[number];

interface Compose {
  readonly services: Readonly<
    Record<Service, { readonly command: readonly string[]; readonly environment: Readonly<Record<string, string>> }>
  >;
}
const { services } = parse(readFileSync(join(ROOT, 'docker/county/compose.yaml'), 'utf8')) as Compose;
/** What the image runs to ask a service for its health. */
const [, healthCommand = '[]'] = /^HEALTHCHECK [^]*?CMD (\[.*\])$/m.exec(readFileSync(join(ROOT, 'docker/Dockerfile'), 'utf8')) ?? [];
const [program, ...words] = JSON.parse(healthCommand) as string[];

/** How the health command of the image ends with this environment: 0 is healthy. */
function healthOf(environment: Readonly<Record<string, string>>): Promise<number> {
  expect(program).toBe('node');
  return new Promise((resolve) => {
    execFile(process.execPath, words, { env: { PATH: process.env['PATH'], ...environment } }, (error) =>
      resolve(error === null ? 0 : Number(error.code)),
    );
  });
}

describeWithRedis('the processes of docker/county, started bare over the Redis of its set-up', () => {
  const started: BareService[] = [];
  const drops: (() => Promise<void>)[] = [];
  const folders = {} as Record<Service, string>;
  const ports = {} as Record<Service, number>;
  let root: string;
  let redis: ChildProcess;
  let redisUrl: string;

  /** Both relays have the same keys, data, ledger and queue, as the volumes and secrets of the set-up give them. */
  async function layRelays(): Promise<KeyDirectory> {
    const shared = { 'relay.keys': join(root, 'relay-keys'), 'relay.data': join(root, 'relay-data') };
    for (const name of ['relay-1', 'relay-2'] as const) {
      folders[name] = await folderOf(root, name, 'county/relay.yaml', {
        ...shared,
        'relay.listen': { host: '127.0.0.1', port: ports[name] },
      });
      await laySecret(folders[name], 'redis', redisUrl);
    }
    drops.push(await layDatabase(folders['relay-1'], 'relay-database'));
    await laySecret(folders['relay-2'], 'relay-database', readFileSync(join(folders['relay-1'], 'secrets/relay-database'), 'utf8').trim());
    return createKeyDirectory(shared['relay.keys'], { party: RELAY, role: 'relay', mode: 'test', clock: systemClock });
  }

  async function layGateway(): Promise<KeyDirectory> {
    folders.gateway = await folderOf(root, 'gateway', 'county/gateway.yaml', {
      'gateway.listen': { host: '127.0.0.1', port: ports.gateway },
      'gateway.feeds.0': { kind: 'mllp', name: 'mllp-his', host: '127.0.0.1', port: await freePort() },
    });
    drops.push(await layDatabase(folders.gateway, 'gateway-database'));
    return createKeyDirectory(join(folders.gateway, 'keys/gateway'), { party: GATEWAY, role: 'gateway', mode: 'test', clock: systemClock });
  }

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'zhida-county-'));
    for (const name of SERVICES) ports[name] = await freePort();
    const redisPort = String(await freePort());
    redisUrl = `redis://127.0.0.1:${redisPort}`;
    const here = ['--bind', '127.0.0.1', '--port', redisPort, '--dir', root];
    redis = spawn('redis-server', [join(ROOT, 'docker/county/redis.conf'), ...here], { stdio: 'ignore' });
    const [relayKeys, gatewayKeys] = [await layRelays(), await layGateway()];
    await introduce(gatewayKeys, relayKeys, `http://127.0.0.1:${ports.gateway}`);
    await introduce(relayKeys, gatewayKeys, `http://127.0.0.1:${ports['relay-1']}`);
  }, DEADLINE_MS);
  afterAll(async () => {
    for (const { child } of started) child.kill('SIGKILL');
    await Promise.all(started.map(({ ended }) => ended));
    await endChild(redis, 'SIGTERM');
    for (const drop of drops) await drop();
    await rm(root, { recursive: true, force: true });
  }, DEADLINE_MS);

  /** What the set-up has the container ask, at the port that is this test's. */
  function health(name: Service): Promise<number> {
    const asked = new URL(services[name].environment['ZHIDA_HEALTH'] ?? '');
    asked.port = String(ports[name]);
    return healthOf({ ZHIDA_HEALTH: String(asked) });
  }

  test(
    'two relays over one ledger and a gateway are healthy while they run, and end in order',
    async () => {
      for (const name of SERVICES) {
        expect(await health(name), name).toBe(1);
        started.push(await startService(services[name].command[0] ?? '', folders[name]));
      }
      await Promise.all(started.map((service, index) => untilReady(service, ports[SERVICES[index] as Service])));
      expect(await Promise.all(SERVICES.map(health))).toEqual([0, 0, 0]);
      // Nothing to ask is no health.
      expect(await healthOf({})).toBe(1);
      await waitUntil(async () => (await relaysAt(redisUrl)) >= 2, { what: 'both relays wait at Redis', deadlineMs: DEADLINE_MS / 4 });
      for (const { child } of started) child.kill('SIGTERM');
      expect(await Promise.all(started.map(({ ended }) => ended))).toEqual([0, 0, 0]);
      expect(await Promise.all(SERVICES.map(health))).toEqual([1, 1, 1]);
    },
    DEADLINE_MS,
  );
});

/** How many workers wait at this Redis to be woken: one a relay. */
async function relaysAt(url: string): Promise<number> {
  const redis = new Redis(url);
  try {
    const clients = (await redis.client('LIST')) as string;
    return clients.split('\n').filter((line) => /cmd=bzpopmin/.test(line)).length;
  } finally {
    redis.disconnect();
  }
}
