import { parseArgs } from 'node:util';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtScripts } from '../support/built-script.js';
import { buildRelayProcess } from '../support/relay-process.js';
import type * as failures from './failures.js';
import type * as reliability from './reliability.js';
import type * as run from './run.js';

const RELIABILITY = join(import.meta.dirname, '../../../docs/reliability.md');
/** Where nobody looks on, a line of progress now and then is enough. */
const PROGRESS_EVERY_MS = 60_000;

/** Built as the relay is: compiling its sources one by one takes ten times as long. */
async function builtDriver(): Promise<typeof run & typeof reliability & typeof failures> {
  const directory = await builtScripts({
    run: join(import.meta.dirname, 'run.ts'),
    reliability: join(import.meta.dirname, 'reliability.ts'),
    failures: join(import.meta.dirname, 'failures.ts'),
  });
  const [ran, written, judged] = await Promise.all(
    ['run.mjs', 'reliability.mjs', 'failures.mjs'].map((name) => import(join(directory, name))),
  );
  return { ...ran, ...written, ...judged };
}

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    reports: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    'every-boundary': { type: 'boolean', default: false },
    queue: { type: 'string' },
    'heal-seconds': { type: 'string' },
    // A run of full size is written down in any case.
    write: { type: 'boolean', default: false },
  },
});
const [reports, seed, everyBoundary] = [Number(values.reports), Number(values.seed), values['every-boundary']];
const queue = values.queue === 'redis' || values.queue === 'postgres' ? values.queue : undefined;
const healMs = values['heal-seconds'] === undefined ? undefined : Number(values['heal-seconds']) * 1_000;
if (!Number.isInteger(reports) || reports < 1 || !Number.isInteger(seed) || queue !== values.queue || !((healMs ?? 0) >= 0)) {
  process.stderr.write('pnpm fault [--reports N] [--seed S] [--every-boundary] [--queue redis|postgres] [--heal-seconds T] [--write]\n');
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
// Whoever starts the first relay waits for it.
buildRelayProcess().catch(() => undefined);
const { failuresOf, lineOf, runFaults, RELIABILITY_REPORTS, reliabilityPage } = await builtDriver();
const asked: run.FaultRun = {
  reports,
  seed,
  everyBoundary,
  progress,
  ...(queue === undefined ? {} : { queue }),
  ...(healMs === undefined ? {} : { healMs }),
};
const result = await runFaults(asked);
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
const reasons = failuresOf(asked, result);
for (const what of reasons.slice(0, 50)) process.stderr.write(`${what}\n`);
process.stdout.write(`${lineOf(result)}\n`);
if (values.write || reports >= RELIABILITY_REPORTS) writeFileSync(RELIABILITY, reliabilityPage(result));
process.exit(reasons.length === 0 ? 0 : 1);
