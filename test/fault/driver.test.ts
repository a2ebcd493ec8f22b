import { expect, test } from 'vitest';
import { reliabilityPage } from './driver/reliability.js';
import { lineOf, runFaults } from './driver/run.js';

/** Few: CI runs thousands beside the tests, `pnpm fault --reports N --seed S` any size. */
const REPORTS = 200;

test('INV-2 whatever breaks, every report that was answered for has one effect at each agency, and nothing false was shown', async () => {
  const result = await runFaults({ reports: REPORTS, seed: 20_261_127 });
  process.stderr.write(`${lineOf(result)}\n`);
  expect({ lost: result.lost, false: result.false, duplicate: result.duplicate }).toEqual({ lost: [], false: [], duplicate: [] });
  expect(result.reports).toBe(REPORTS);
  for (const [fault, count] of Object.entries(result.faults)) expect(count, fault).toBeGreaterThan(0);
  for (const [what, count] of Object.entries(result.counts)) expect(count, what).toBeGreaterThan(0);
  expect(result.boundaries.known).toBeGreaterThan(30);
  expect(result.boundaries.diedAt).toBeGreaterThan(0);
  const page = reliabilityPage(result);
  expect(page).toContain(`\`pnpm fault --reports ${REPORTS} --seed 20261127 --write\``);
  expect(page).toContain('fewer than the 100000');
  expect(page).toContain('Nothing was lost, shown falsely or done twice.');
  for (const [fault, count] of Object.entries(result.faults)) expect(page).toContain(`| ${fault} | ${count} |`);
  expect(reliabilityPage({ ...result, lost: ['press-1'] })).toContain('**1 of these must not be.**');
}, 600_000);
