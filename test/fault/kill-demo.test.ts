import { afterAll, describe, expect, test } from 'vitest';
import { instants, killAndRestart } from './kill-demo.js';

/** Two of the twenty instants of `pnpm test:kill`, the first inside initdb. */
const SEED = 20261122;
const COUNT = 2;
const BASE_PORT = 17_400;

describe('a demo that is killed at any instant completes at its next start, without a hand', () => {
  /** How long a whole run takes: the restart after the kill inside initdb is one, from nothing. Only the later instants use it. */
  let wholeRunMs = Number.NaN;
  const killed: string[] = [];

  test.each(instants(SEED, COUNT).map((instant, index) => ({ ...instant, index })))(
    'instant $index: $whom, at $at',
    async (instant) => {
      const result = await killAndRestart(instant, BASE_PORT, wholeRunMs);
      killed.push(`${instant.whom} at ${Math.round(result.killedAfterMs)} ms, restart ${Math.round(result.restartMs)} ms`);
      expect(result.output).toContain('every step was verified');
      expect(result.restartCode).toBe(0);
      if (instant.at === 'initdb') {
        expect(result.insideInitdb).toBe(true);
        wholeRunMs = result.restartMs;
      }
    },
    300_000,
  );

  afterAll(() => {
    console.log(`whole run ${Math.round(wholeRunMs)} ms; killed: ${killed.join('; ')}`);
  });
});
