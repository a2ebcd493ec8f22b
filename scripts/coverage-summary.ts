import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const COUNTED = ['statements', 'branches', 'functions', 'lines'] as const;

/** How many of one kind a file has, and how many of them some test has run. */
interface Count {
  readonly total: number;
  readonly covered: number;
}
type Counts = Readonly<Record<(typeof COUNTED)[number], Count>>;

/**
 * The coverage of each package, and of all, as a Markdown table: what a run of CI shows. It is shown and not chased.
 *
 * @param summary - what Vitest writes to `coverage/coverage-summary.json`: `total` and every file by its absolute path
 */
export function coverageTable(summary: Readonly<Record<string, Counts>>, root: string = ROOT): string {
  const packages = new Map<string, Counts[]>();
  for (const [file, counts] of Object.entries(summary)) {
    const name = file === 'total' ? 'all' : (relative(root, file).split(sep)[1] ?? '');
    packages.set(name, [...(packages.get(name) ?? []), counts]);
  }
  const rows = [...packages].toSorted(([one], [other]) => one.localeCompare(other));
  const lines = rows.map(
    ([name, files]) => `| ${[name, ...COUNTED.map((kind) => percentOf(files.map((counts) => counts[kind])))].join(' | ')} |`,
  );
  return [`| package | ${COUNTED.join(' | ')} |`, `|---|${'---:|'.repeat(COUNTED.length)}`, ...lines, ''].join('\n');
}

function percentOf(counts: readonly Count[]): string {
  const [total, covered] = [counts.reduce((sum, one) => sum + one.total, 0), counts.reduce((sum, one) => sum + one.covered, 0)];
  return total === 0 ? '–' : `${((100 * covered) / total).toFixed(1)} %`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const summary = JSON.parse(readFileSync(join(ROOT, 'coverage/coverage-summary.json'), 'utf8')) as Record<string, Counts>;
  process.stdout.write(`## What the unit tests run\n\n${coverageTable(summary)}`);
}
