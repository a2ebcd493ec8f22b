import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endChild, freePort, isFreePort, waitUntil } from '@zhida/testkit';
import { Redis } from 'ioredis';

const DEADLINE = { deadlineMs: 30_000 };

/** One redis-server or sentinel. */
export interface RedisNode {
  readonly port: number;
  /** Starts it over what it left in its folder: of its data nothing, of its place in a cluster all. */
  start(): Promise<void>;
  kill(): Promise<void>;
  /** It keeps its connections and answers nothing. */
  freeze(): void;
  /** @returns what it answers to one command */
  command(...words: readonly string[]): Promise<unknown>;
}

/** A master, its replica, and a sentinel that makes the replica the master when the master is gone. */
export interface WatchedPair {
  readonly name: string;
  readonly password: string;
  readonly sentinelPassword: string;
  readonly master: RedisNode;
  readonly replica: RedisNode;
  readonly sentinel: RedisNode;
  close(): Promise<void>;
}

/** Three masters without replicas. */
export interface RedisCluster {
  readonly nodes: readonly RedisNode[];
  /** The one that holds this key. */
  holderOf(key: string): Promise<RedisNode>;
  healthy(): Promise<void>;
  close(): Promise<void>;
}

export async function watchedPair(): Promise<WatchedPair> {
  const place = await mkdtemp(join(tmpdir(), 'zhida-sentinel-'));
  const [name, password, sentinelPassword] = ['zhida-queue', 'of the servers', 'of the sentinels'];
  const servers = ['requirepass', 'masterauth'].map((word) => `${word} "${password}"`);
  const master = await nodeAt(place, { port: await freePort(), password, lines: [...MEMORY, ...servers] });
  const copies = `replicaof 127.0.0.1 ${master.port}`;
  const replica = await nodeAt(place, {
    port: await freePort(),
    password,
    lines: [...MEMORY, ...servers, copies, 'repl-diskless-sync-delay 0'],
  });
  const sentinel = await nodeAt(place, {
    port: await freePort(),
    password: sentinelPassword,
    lines: [
      `requirepass "${sentinelPassword}"`,
      `sentinel monitor ${name} 127.0.0.1 ${master.port} 1`,
      `sentinel auth-pass ${name} "${password}"`,
      `sentinel down-after-milliseconds ${name} 500`,
      `sentinel failover-timeout ${name} 5000`,
    ],
    sentinel: true,
  });
  await master.start();
  await replica.start();
  await waitUntil(async () => String(await replica.command('INFO', 'replication')).includes('master_link_status:up'), {
    what: 'the replica follows',
    ...DEADLINE,
  });
  // Its first look at the master shows it the replica; the next look comes ten seconds later.
  await sentinel.start();
  await waitUntil(async () => ((await sentinel.command('SENTINEL', 'REPLICAS', name)) as unknown[]).length === 1, {
    what: 'the sentinel knows the replica',
    ...DEADLINE,
  });
  return { name, password, sentinelPassword, master, replica, sentinel, close: closing(place, [sentinel, replica, master]) };
}

const SLOTS = 16_384;

export async function redisCluster(): Promise<RedisCluster> {
  const place = await mkdtemp(join(tmpdir(), 'zhida-cluster-'));
  const lines = [...MEMORY, 'cluster-enabled yes', 'cluster-node-timeout 1000'];
  const nodes: RedisNode[] = [];
  for (let count = 0; count < 3; count += 1) nodes.push(await nodeAt(place, { port: await clusterPort(), lines }));
  const shareOf = (index: number): number => Math.floor((index * SLOTS) / nodes.length);
  for (const [index, node] of nodes.entries()) {
    await node.start();
    await node.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    const slots = Array.from({ length: shareOf(index + 1) - shareOf(index) }, (_, slot) => String(shareOf(index) + slot));
    await node.command('CLUSTER', 'ADDSLOTS', ...slots);
    for (const { port } of nodes.slice(0, index)) await node.command('CLUSTER', 'MEET', '127.0.0.1', String(port));
  }
  async function healthy(): Promise<void> {
    for (const node of nodes)
      await waitUntil(async () => /cluster_state:ok[^]*cluster_known_nodes:3/.test(String(await node.command('CLUSTER', 'INFO'))), {
        what: 'the cluster is whole',
        ...DEADLINE,
      });
  }
  await healthy();
  return {
    nodes,
    healthy,
    async holderOf(key) {
      const slot = Number(await nodes[0]?.command('CLUSTER', 'KEYSLOT', key));
      const holder = nodes.find((_, index) => slot < shareOf(index + 1));
      if (holder === undefined) throw new Error('no node holds this slot');
      return holder;
    },
    close: closing(place, nodes),
  };
}

const MEMORY = ['appendonly no', 'save ""', 'maxmemory-policy noeviction'];

/** One server that speaks TLS alone, under a certificate of an authority nobody else knows. */
export interface TlsServer {
  readonly node: RedisNode;
  /** The authority's certificate, PEM. */
  readonly ca: string;
  close(): Promise<void>;
}

/** @returns undefined where redis-server was built without TLS or there is no openssl to make certificates with. */
export async function tlsServer(): Promise<TlsServer | undefined> {
  const place = await mkdtemp(join(tmpdir(), 'zhida-redis-tls-'));
  try {
    const ca = await certify(place);
    const port = await freePort();
    const files = ['tls-cert-file server.pem', 'tls-key-file server.key', 'tls-ca-cert-file ca.pem'].map((line) =>
      line.replace(' ', ` ${place}/`),
    );
    const node = await nodeAt(place, {
      port,
      tls: ca,
      lines: [...MEMORY, 'port 0', `tls-port ${port}`, 'tls-auth-clients no', ...files],
    });
    await node.start();
    return { node, ca, close: closing(place, [node]) };
  } catch (error) {
    await rm(place, { recursive: true, force: true });
    if (error instanceof RedisEnded || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function certify(place: string): Promise<string> {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const make = async (words: readonly string[]): Promise<unknown> =>
    promisify(execFile)('openssl', ['req', '-x509', ...key, ...words], { cwd: place });
  await make(['-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=zhida-test-authority']);
  const server = ['-keyout', 'server.key', '-out', 'server.pem', '-subj', '/CN=zhida-test-redis'];
  await make([...server, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', 'subjectAltName=IP:127.0.0.1']);
  return readFile(join(place, 'ca.pem'), 'utf8');
}

class RedisEnded extends Error {}

interface NodeOptions {
  readonly port: number;
  /** The certificate of the authority its own is under. */
  readonly tls?: string;
  readonly lines: readonly string[];
  readonly password?: string;
  readonly sentinel?: boolean;
}

async function nodeAt(place: string, { port, lines, password, tls, sentinel = false }: NodeOptions): Promise<RedisNode> {
  const directory = join(place, String(port));
  await mkdir(directory);
  const file = join(directory, 'redis.conf');
  await writeFile(file, [`port ${port}`, 'bind 127.0.0.1', `dir ${directory}`, 'daemonize no', ...lines, ''].join('\n'));
  let child: ChildProcess | undefined;

  async function command(...[first = '', ...others]: readonly string[]): Promise<unknown> {
    const client = new Redis({
      port,
      host: '127.0.0.1',
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      ...(password === undefined ? {} : { password }),
      ...(tls === undefined ? {} : { tls: { ca: tls } }),
    });
    client.on('error', () => undefined);
    try {
      return await client.call(first, ...others);
    } finally {
      client.disconnect();
    }
  }

  return {
    port,
    command,
    async start() {
      child = spawn('redis-server', [file, ...(sentinel ? ['--sentinel'] : [])], { stdio: 'ignore' });
      let ended = false;
      child.once('exit', () => {
        ended = true;
      });
      await waitUntil(async () => ended || (await command('PING').catch(() => undefined)) === 'PONG', {
        what: 'redis-server answers',
        ...DEADLINE,
      });
      if (ended) throw new RedisEnded('redis-server does not run with these lines');
    },
    async kill() {
      const ending = child;
      child = undefined;
      await endChild(ending, 'SIGKILL');
    },
    freeze: () => void child?.kill('SIGSTOP'),
  };
}

function closing(place: string, nodes: readonly RedisNode[]): () => Promise<void> {
  return async () => {
    await Promise.all(nodes.map(async (node) => node.kill()));
    await rm(place, { recursive: true, force: true });
  };
}

/** The nodes of a cluster talk to each other 10 000 ports higher. Both are below the ports that outgoing connections take. */
async function clusterPort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 22_700);
    if ((await isFreePort(port)) && (await isFreePort(port + 10_000))) return port;
  }
}
