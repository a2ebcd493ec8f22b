import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithRedis, type FrozenClock, freePort, frozenClock, waitUntil } from '@zhida/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { parseConfiguration } from '../../packages/cli/src/serve/configuration.js';
import { readQueue } from '../../packages/cli/src/serve/read-queue.js';
import { type Backlog, BACKLOG_DELIVERY, backlogOf, swept } from './support/backlog.js';
import { type County, openCounty } from './support/county.js';
import { redisCluster, type RedisNode, tlsServer, watchedPair } from './support/redis-servers.js';
import { type RelayHere, relayHere } from './support/relay-here.js';

const REPORTS = 6;
const DEADLINE = { deadlineMs: 60_000 };

let clock: FrozenClock;
let county: County;
let backlog: Backlog;
let folder: string;
let running: RelayHere | undefined;

beforeAll(async () => {
  clock = frozenClock('2026-11-22T20:30:00+08:00');
  county = await openCounty(clock);
  backlog = backlogOf(county, clock, REPORTS);
  folder = await mkdtemp(join(tmpdir(), 'zhida-queue-'));
});
afterEach(async () => {
  await running?.close();
  running = undefined;
});
afterAll(async () => {
  await county.close();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a relay with this queue, written as an operator writes it. */
async function start(queue: string): Promise<RelayHere> {
  const relay = 'keys: keys, data: data, listen: { host: 127.0.0.1, port: 0 }, profile: sample-county, facilities: [x]';
  const { configuration, problems } = parseConfiguration(`relay: { ${relay}, queue: ${queue} }`);
  expect(problems).toEqual([]);
  running = await relayHere(county, {
    queue: await readQueue(configuration?.relay?.queue, county.ledgerUrl, (written) => join(folder, written)),
    delivery: BACKLOG_DELIVERY,
  });
  await running.relay.start();
  return running;
}

async function keysOf(node: RedisNode): Promise<string[]> {
  return (await node.command('KEYS', '*')) as string[];
}

/** What is due again and again is handed to the queue again: it is used, and not only gone around. */
async function usedAgain(here: RelayHere): Promise<void> {
  backlog.conduct('down');
  const handed = await swept(here, 'handedToQueue');
  await waitUntil(
    async () => {
      clock.advance(60_000);
      return (await swept(here, 'handedToQueue')) > handed;
    },
    { what: 'the queue is used again', ...DEADLINE },
  );
}

async function sweepDelivers(here: RelayHere): Promise<void> {
  const ran = await swept(here, 'ranHere');
  await waitUntil(
    async () => {
      clock.advance(60_000);
      return (await swept(here, 'ranHere')) > ran;
    },
    { what: 'the sweep delivers in this process', ...DEADLINE },
  );
}

describeWithRedis('INV-3 the queue is a hint: Redis with others behind it', () => {
  test('INV-3 Sentinel: the master is killed, an empty replica takes its place, and deliveries go on over it; none is lost', async () => {
    const pair = await watchedPair();
    try {
      await writeFile(join(folder, 'servers'), `${pair.password}\n`);
      await writeFile(join(folder, 'sentinels'), `${pair.sentinelPassword}\n`);
      const nodes = `[{ host: 127.0.0.1, port: ${await freePort()} }, { host: 127.0.0.1, port: ${pair.sentinel.port} }]`;
      const here = await start(
        `{ backend: redis, password: servers, sentinel: { name: ${pair.name}, password: sentinels, nodes: ${nodes} }, prefix: '{yunxi}' }`,
      );
      await backlog.piledUp(here);
      expect((await keysOf(pair.master)).filter((key) => key.startsWith('{yunxi}:')).length).toBeGreaterThan(REPORTS);
      await pair.master.kill();
      // Replication is asynchronous: what the master had taken may be missing, all of it in the worst case.
      await pair.replica.command('CONFIG', 'SET', 'replica-read-only', 'no');
      await pair.replica.command('FLUSHALL');
      expect(await keysOf(pair.replica)).toEqual([]);
      await backlog.pressAll(here.url(), 1);
      await waitUntil(async () => String(await pair.replica.command('ROLE')).startsWith('master'), {
        what: 'the replica is the master',
        ...DEADLINE,
      });
      await usedAgain(here);
      expect((await keysOf(pair.replica)).every((key) => key.startsWith('{yunxi}:'))).toBe(true);
      await backlog.allDelivered(here);
    } finally {
      await pair.close();
    }
  });

  test('INV-3 Cluster: the queue lies on one server of it; that one is killed, comes back empty, and none is lost', async () => {
    const cluster = await redisCluster();
    try {
      const nodes = cluster.nodes.map(({ port }) => `{ host: 127.0.0.1, port: ${port} }`).join(', ');
      const here = await start(`{ backend: redis, cluster: { nodes: [${nodes}] } }`);
      await backlog.piledUp(here);
      const holder = await cluster.holderOf('{zhida}');
      for (const node of cluster.nodes) expect([node.port, (await keysOf(node)).length > 0]).toEqual([node.port, node === holder]);
      await holder.kill();
      await backlog.pressAll(here.url(), 1);
      await sweepDelivers(here);
      await holder.start();
      await cluster.healthy();
      await usedAgain(here);
      await backlog.allDelivered(here);
    } finally {
      await cluster.close();
    }
  });

  test('INV-3 TLS: the queue is reached under the authority that is named and under no other; without it the sweep delivers', async ({
    skip,
  }) => {
    const server = await tlsServer();
    if (server === undefined) {
      process.stderr.write('skipped: redis-server without TLS, or no openssl\n');
      skip('needs openssl and a redis-server with TLS');
      return;
    }
    try {
      await writeFile(join(folder, 'url'), `rediss://127.0.0.1:${server.node.port}\n`);
      await writeFile(join(folder, 'ca'), server.ca);
      const stranger = await start('{ backend: redis, url: url }');
      backlog.conduct('down');
      await backlog.pressAll(stranger.url());
      await sweepDelivers(stranger);
      expect([await swept(stranger, 'handedToQueue'), await keysOf(server.node)]).toEqual([0, []]);
      await stranger.close();
      const here = await start('{ backend: redis, url: url, tls: { ca: ca } }');
      await usedAgain(here);
      expect((await keysOf(server.node)).length).toBeGreaterThan(0);
      await backlog.allDelivered(here);
    } finally {
      await server.close();
    }
  });
});
