import { parseArgs } from 'node:util';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildRelayProcess } from '../support/relay-process.js';

const RELIABILITY = join(import.meta.dirname, '../../../docs/reliability.md');
/** Where nobody looks on, a line of progress now and then is enough. */
const PROGRESS_EVERY_MS = 60_000;

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    reports: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    'every-boundary': { type: 'boolean', default: false },
    // A run of full size is written down in any case.
    write: { type: 'boolean', default: false },
  },
});
const [reports, seed, everyBoundary] = [Number(values.reports), Number(values.seed), values['every-boundary']];
if (!Number.isInteger(reports) || reports < 1 || !Number.isInteger(seed)) {
  process.stderr.write('pnpm fault [--reports N] [--seed S] [--every-boundary] [--write]\n');
  process.exit(64);
}
let toldAt = performance.now();
const progress = process.stderr.isTTY
  ? (line: string): void => void process.stderr.write(`\r\u001b[K${line}`)
  : (line: string): void => {
      if (performance.now() - toldAt < PROGRESS_EVERY_MS) return;
      toldAt = performance.now();
      process.stderr.write(`${line}\n`);
    };
// Another process builds it while this one reads the rest of its program; whoever starts the first relay waits for it.
buildRelayProcess().catch(() => undefined);
const { lineOf, runFaults } = await import('./run.js');
const { RELIABILITY_REPORTS, reliabilityPage } = await import('./reliability.js');
const result = await runFaults({ reports, seed, everyBoundary, progress });
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
for (const what of [...result.lost, ...result.false, ...result.duplicate].slice(0, 50)) process.stderr.write(`${what}\n`);
const undied = everyBoundary ? result.boundaries.left : [];
for (const place of undied) process.stderr.write(`nobody died ${place}\n`);
process.stdout.write(`${lineOf(result)}\n`);
if (values.write || reports >= RELIABILITY_REPORTS) writeFileSync(RELIABILITY, reliabilityPage(result));
const harm = result.lost.length + result.false.length + result.duplicate.length;
process.exit(harm === 0 && undied.length === 0 && result.boundaries.known > 0 ? 0 : 1);
