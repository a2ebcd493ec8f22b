import type { ConnectionOptions } from 'bullmq';
import { Cluster } from 'ioredis';
import type { RedisLogin, RedisQueue, TlsFiles } from '../options.js';

/** What BullMQ is given to reach Redis with, and what it does not close by itself. */
export interface RedisConnections {
  readonly queue: ConnectionOptions;
  readonly worker: ConnectionOptions;
  disconnect(): void;
}

/** A sentinel that keeps its connection and answers nothing is passed over after this time. */
const SENTINEL_ANSWERS_MS = 2_000;

/** A server whose machine died closes nothing: without this its connections are waited on for hours. A worker asks at least every 10 s. */
const SILENCE_MS = 15_000;
/** BullMQ would wait twenty times as long in the end. */
const LOOK_AGAIN_MS = 1_000;
/** The queue fails at once where Redis is away, so that the sweep takes over; the worker waits for as long as it takes. */
const QUEUE = { enableOfflineQueue: false } as const;
const WORKER = { maxRetriesPerRequest: null } as const;
const COMMON = { socketTimeout: SILENCE_MS } as const;

/** One server, the master that sentinels name, or a cluster. A client that has lost its server looks for it again by itself. */
export function redisConnections(options: RedisQueue, onError: (error: unknown) => void): RedisConnections {
  if ('cluster' in options) return clusterConnections(options, onError);
  const server = {
    ...COMMON,
    retryStrategy: () => LOOK_AGAIN_MS,
    ...('url' in options ? { url: options.url, ...tlsOf(options) } : sentinelOptions(options)),
  };
  return { queue: { ...server, ...QUEUE }, worker: { ...server, ...WORKER }, disconnect: () => undefined };
}

export function sentinelOptions(options: Extract<RedisQueue, { sentinel: unknown }>) {
  const { name, nodes, username, password } = options.sentinel;
  return {
    name,
    sentinels: nodes.map(({ host, port }) => ({ host, port })),
    ...(username === undefined ? {} : { sentinelUsername: username }),
    ...(password === undefined ? {} : { sentinelPassword: password }),
    sentinelCommandTimeout: SENTINEL_ANSWERS_MS,
    ...loginOf(options),
    ...(options.tls === undefined ? {} : { tls: options.tls, sentinelTLS: options.tls, enableTLSForSentinelMode: true }),
  };
}

/** BullMQ uses the queue's client, and for a worker copies of the one it is given; it closes its copies alone. */
function clusterConnections(options: Extract<RedisQueue, { cluster: unknown }>, onError: (error: unknown) => void): RedisConnections {
  const nodes = options.cluster.nodes.map(({ host, port }) => ({ host, port }));
  const redisOptions = { ...COMMON, ...WORKER, ...loginOf(options), ...tlsOf(options) };
  const clients = { queue: new Cluster(nodes, { ...QUEUE, redisOptions }), worker: new Cluster(nodes, { redisOptions }) };
  for (const client of Object.values(clients)) client.on('error', onError);
  return {
    ...clients,
    disconnect() {
      for (const client of Object.values(clients)) client.disconnect();
    },
  };
}

export function loginOf({ username, password }: RedisLogin): RedisLogin {
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}

export function tlsOf({ tls }: RedisQueue): { tls?: TlsFiles } {
  return tls === undefined ? {} : { tls };
}
