import { expect, test } from 'vitest';
import { lineOf, runFaults } from './driver/run.js';

/** Enough for every fault to come up; `pnpm fault --reports N --seed S` runs any size. */
const REPORTS = 100;

test('INV-2 whatever breaks, every report that was answered for has one effect at each agency, and nothing false was shown', async () => {
  const result = await runFaults({ reports: REPORTS, seed: 20_261_127 });
  process.stderr.write(`${lineOf(result)}\n`);
  expect({ lost: result.lost, false: result.false, duplicate: result.duplicate }).toEqual({ lost: [], false: [], duplicate: [] });
  expect(result.reports).toBe(REPORTS);
  expect(Object.values(result.faults).reduce((sum, count) => sum + count)).toBeGreaterThan(0);
}, 600_000);
