import { parseArgs } from 'node:util';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FaultResult, lineOf, runFaults } from './run.js';

/** A run of this size is written down. */
const RELIABILITY_REPORTS = 100_000;
const RELIABILITY = join(import.meta.dirname, '../../../docs/reliability.md');

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: { reports: { type: 'string', default: '5000' }, seed: { type: 'string', default: '1' } },
});
const [reports, seed] = [Number(values.reports), Number(values.seed)];
if (!Number.isInteger(reports) || reports < 1 || !Number.isInteger(seed)) {
  process.stderr.write('pnpm fault [--reports N] [--seed S]\n');
  process.exit(64);
}
const progress = process.stderr.isTTY ? (line: string) => process.stderr.write(`\r\u001b[K${line}`) : undefined;
const result = await runFaults({ reports, seed, ...(progress === undefined ? {} : { progress }) });
if (progress !== undefined) process.stderr.write('\r\u001b[K');
for (const what of [...result.lost, ...result.false, ...result.duplicate].slice(0, 50)) process.stderr.write(`${what}\n`);
process.stdout.write(`${lineOf(result)}\n`);
if (reports >= RELIABILITY_REPORTS) writeFileSync(RELIABILITY, reliabilityOf(result));
process.exit(result.lost.length + result.false.length + result.duplicate.length === 0 ? 0 : 1);

function reliabilityOf(run: FaultResult): string {
  const faults = Object.entries(run.faults).map(([fault, count]) => `| ${fault} | ${count} |`);
  return [
    '# Reliability, measured',
    '',
    `\`pnpm fault --reports ${run.reports} --seed ${run.seed}\` wrote this page: two relay processes, one ledger, two agencies, ${run.seconds.toFixed(0)} s.`,
    '',
    '| what | count |',
    '|---|---|',
    `| reports answered for | ${run.reports} |`,
    `| attempts | ${run.attempts} |`,
    `| acceptances, feedbacks | ${run.accepted}, ${run.feedback} |`,
    ...faults,
    `| lost | ${run.lost.length} |`,
    `| shown falsely | ${run.false.length} |`,
    `| delivered twice | ${run.duplicate.length} |`,
    '',
  ].join('\n');
}
