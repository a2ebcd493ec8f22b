import { inject } from 'vitest';
import { describeWith } from './describe-with.js';
import './provided.js';

const MISSING = 'redis-server is not installed';

/** The redis-server all service tests share, null where it is not installed. Who flushes or kills one starts his own with `startRedisServer`. */
export function redisUrl(): string | null {
  return inject('redisUrl');
}

/** The shared redis-server's address. Where there is none the test fails: use {@link describeWithRedis} to skip it. */
export function requireRedis(): string {
  const url = redisUrl();
  if (url === null) throw new Error(MISSING);
  return url;
}

/** A suite that needs Redis, as {@link describeWith} runs it. */
export function describeWithRedis(name: string, body: (url: string) => void): void {
  const url = redisUrl();
  describeWith({ there: url !== null, name: 'redis-server', missing: MISSING }, name, () => body(requireRedis()));
}
