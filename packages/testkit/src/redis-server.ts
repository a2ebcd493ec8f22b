import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { endChild } from './end-child.js';
import { freePort } from './free-port.js';
import { waitUntil } from './wait-until.js';

/** A redis-server of one's own: it may be flushed, stopped and killed. */
export interface RedisServer {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

const DATABASES = 10_000;

/** True if `redis-server` can be run here. */
export function hasRedis(): boolean {
  return spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
}

/** Starts redis-server on a free loopback port, without persistence, in a temporary folder. */
export async function startRedisServer(): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), 'zhida-redis-'));
  const port = await freePort();
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', directory, '--appendonly', 'no', '--save', ''];
  // One logical database for each suite that asks for one of its own.
  args.push('--databases', String(DATABASES));
  const child = spawn('redis-server', [...args, '--maxmemory-policy', 'noeviction', '--daemonize', 'no'], { stdio: 'ignore' });
  const stop = async (): Promise<void> => {
    await endChild(child, 'SIGTERM');
    rmSync(directory, { recursive: true, force: true });
  };
  const url = `redis://127.0.0.1:${port}`;
  try {
    await waitUntil(() => answers(url, child), { what: 'redis-server answers' });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, pid: child.pid ?? 0, stop };
}

async function answers(url: string, child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Error('redis-server has ended');
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } finally {
    client.disconnect();
  }
}
