import { ZhidaError } from '@zhida/core';
import { Cluster, Redis } from 'ioredis';
import type { RedisQueue } from '../options.js';
import { loginOf, sentinelOptions, tlsOf } from './redis.js';

/** How the Redis behind a queue is set. */
export interface RedisSettings {
  readonly version: string;
  /** `noeviction` keeps what the queue wrote; any other drops wake-ups while memory is short. */
  readonly maxmemoryPolicy: string;
  readonly appendOnly: boolean;
}

const ANSWERS_MS = 5_000;
/** Asked once and not again: whoever looks wants to know whether it answers now. */
const ONCE = { lazyConnect: true, maxRetriesPerRequest: 0, connectTimeout: ANSWERS_MS, retryStrategy: () => null } as const;

/**
 * Asks the Redis of a queue how it is set: the server, the master that the sentinels name, or one server of the cluster. Nothing is written.
 *
 * @throws ZhidaError `ZD_ERR_QUEUE_UNAVAILABLE` when it does not answer within five seconds
 */
export async function inspectRedis(options: RedisQueue): Promise<RedisSettings> {
  const client = clientOf(options);
  // What goes wrong is thrown below; without a listener it would be written to the console.
  client.on('error', () => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('late')), ANSWERS_MS);
  });
  try {
    const asked = client.connect().then(async () => client.info());
    asked.catch(() => undefined);
    return settingsIn(await Promise.race([asked, late]));
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_QUEUE_UNAVAILABLE', 'Redis does not answer', { at: 'relay.queue', cause });
  } finally {
    clearTimeout(timer);
    client.disconnect();
  }
}

function clientOf(options: RedisQueue): Redis | Cluster {
  if ('cluster' in options) {
    const nodes = options.cluster.nodes.map(({ host, port }) => ({ host, port }));
    const redisOptions = { ...loginOf(options), ...tlsOf(options), connectTimeout: ANSWERS_MS };
    return new Cluster(nodes, { lazyConnect: true, clusterRetryStrategy: () => null, redisOptions });
  }
  if ('url' in options) return new Redis(options.url, { ...ONCE, ...tlsOf(options) });
  return new Redis({ ...sentinelOptions(options), ...ONCE, sentinelRetryStrategy: () => null });
}

/** Redis command INFO: one `name:value` a line. */
function settingsIn(info: string): RedisSettings {
  const valueOf = (name: string): string => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? '';
  return { version: valueOf('redis_version'), maxmemoryPolicy: valueOf('maxmemory_policy'), appendOnly: valueOf('aof_enabled') === '1' };
}
