import { describe, inject, it } from 'vitest';
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

/**
 * A suite that needs Redis. Without `redis-server` it is skipped and says so aloud; under `CI=true` or
 * `REQUIRE_SERVICES=1` it fails instead, so that a pipeline cannot lose its second queue backend unseen.
 */
export function describeWithRedis(name: string, body: (url: string) => void): void {
  const url = redisUrl();
  if (url !== null) {
    describe(name, () => body(url));
  } else if (process.env['CI'] === 'true' || process.env['REQUIRE_SERVICES'] === '1') {
    describe(name, () => {
      it('has a redis-server to run on', () => {
        throw new Error(MISSING);
      });
    });
  } else {
    process.stderr.write(`skipped: ${MISSING}: ${name}\n`);
    describe.skip(`${name} (skipped: ${MISSING})`, () => {
      it('needs redis-server', () => undefined);
    });
  }
}
