import { parseArgs } from 'node:util';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtScripts } from '../support/built-script.js';
import { buildRelayProcess } from '../support/relay-process.js';
import type * as reliability from './reliability.js';
import type * as run from './run.js';

const RELIABILITY = join(import.meta.dirname, '../../../docs/reliability.md');
/** Where nobody looks on, a line of progress now and then is enough. */
const PROGRESS_EVERY_MS = 60_000;

/** Built as the relay is: compiling its sources one by one takes ten times as long. */
async function builtDriver(): Promise<typeof run & typeof reliability> {
  const directory = await builtScripts({
    run: join(import.meta.dirname, 'run.ts'),
    reliability: join(import.meta.dirname, 'reliability.ts'),
  });
  const [ran, written] = await Promise.all(['run.mjs', 'reliability.mjs'].map((name) => import(join(directory, name))));
  return { ...ran, ...written };
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
const { lineOf, runFaults, RELIABILITY_REPORTS, reliabilityPage } = await builtDriver();
const result = await runFaults({
  reports,
  seed,
  everyBoundary,
  progress,
  ...(queue === undefined ? {} : { queue }),
  ...(healMs === undefined ? {} : { healMs }),
});
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
for (const what of [...result.lost, ...result.false, ...result.duplicate].slice(0, 50)) process.stderr.write(`${what}\n`);
const undied = everyBoundary ? result.boundaries.left : [];
for (const place of undied) process.stderr.write(`nobody died ${place}\n`);
process.stdout.write(`${lineOf(result)}\n`);
if (values.write || reports >= RELIABILITY_REPORTS) writeFileSync(RELIABILITY, reliabilityPage(result));
const harm = result.lost.length + result.false.length + result.duplicate.length;
process.exit(harm === 0 && undied.length === 0 && result.boundaries.known > 0 ? 0 : 1);
