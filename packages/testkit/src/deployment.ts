import { Redis } from 'ioredis';
import { requireRedis } from './redis.js';

/** How a suite that can run several ways is to run: which backend carries the wake-ups, and how many relay processes work. */
export interface Deployment {
  readonly queue: 'postgres' | 'redis';
  readonly relays: 1 | 2;
}

/** What `RelayOptions.queue` takes. */
export type TestQueue = { readonly backend: 'postgres'; readonly url: string } | { readonly backend: 'redis'; readonly url: string };

/** The deployment this run was asked for by `ZHIDA_TEST_QUEUE` and `ZHIDA_TEST_RELAYS`; `pnpm test:matrix` sets them. */
export function deployment(): Deployment {
  const queue = process.env['ZHIDA_TEST_QUEUE'] ?? 'postgres';
  const relays = process.env['ZHIDA_TEST_RELAYS'] ?? '1';
  // A misspelt variable would run the usual way and look green.
  if (queue !== 'postgres' && queue !== 'redis') throw new TypeError('ZHIDA_TEST_QUEUE is postgres or redis');
  if (relays !== '1' && relays !== '2') throw new TypeError('ZHIDA_TEST_RELAYS is 1 or 2');
  return { queue, relays: relays === '1' ? 1 : 2 };
}

/** An empty queue of this deployment for one ledger; over Redis a logical database that nothing else uses. */
export async function testQueue({ queue }: Pick<Deployment, 'queue'>, ledgerUrl: string): Promise<TestQueue> {
  return queue === 'postgres' ? { backend: queue, url: ledgerUrl } : { backend: queue, url: await redisDatabase() };
}

/** The address of a logical database of the shared redis-server that nobody has been given before. */
export async function redisDatabase(): Promise<string> {
  const url = requireRedis();
  const redis = new Redis(url);
  try {
    return `${url}/${await redis.incr('zhida-test-databases')}`;
  } finally {
    redis.disconnect();
  }
}
