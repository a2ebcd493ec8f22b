import { cpus, loadavg, totalmem } from 'node:os';

interface Budget {
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly below?: number;
}

/** What a benchmark prints: its figures, and the budget of each. */
export interface Measured {
  readonly figures: Readonly<Record<string, number>>;
  readonly budgets: Readonly<Record<string, Budget>>;
}

/** A benchmark with what it printed. */
export interface Run {
  readonly name: string;
  readonly measured: Measured;
}

const WORDS: Readonly<Record<string, string>> = {
  assessPerSecond: 'visits of 600 characters assessed a second on one core, whole pack',
  p99Ms: 'milliseconds of one assessment, p99',
  scanOfBareLoop: 'characters scanned, of what a bare `charCodeAt` loop reads',
  timesRulesEngine: 'times as fast as json-rules-engine over a union of regular expressions',
  timesIncludesPerTerm: 'times as fast as `includes` for each term',
  perCharacterOfTenTimesTheText: 'cost of a character in ten times the text (1 is linear)',
  ofDoubledTerms: 'cost with twice as many terms (1 is flat)',
  compileMs: 'milliseconds to make a detector',
  memoryMegabytes: 'megabytes a detector keeps',
  minorsOfTheParser: 'message of a minor to Assessment, of the parser’s own rate',
  adultsOfTheParser: 'message of an adult to Assessment, times the parser’s own rate',
  appendPerSecond: 'audit entries appended, given their places and written a second, `fsync` on',
  proofMs: 'milliseconds to verify one inclusion proof among 100 000 entries',
  pressP99Ms: 'milliseconds from a press to its 202 at 100 presses a second, p99, `fsync` on',
  ofDurableTransactions: 'presses a second, of the machine’s durable two-row transactions',
  firstAttemptP99Ms: 'milliseconds from the 202 to the first attempt on an idle queue, p99',
  firstAttemptOverRedisP99Ms: 'the same over Redis as the queue',
  drainedOfTheAgencysRate: 'a backlog drained, of the rate at which the agencies take it',
  costAt10kOver1k: 'cost of a report beside 10 000 open deliveries, times that beside 1 000',
  costAt100kOver1k: 'cost of a report beside 100 000 open deliveries, times that beside 1 000',
  rssAt100kOver10k: 'memory of the relay beside 100 000 open deliveries, times that beside 10 000',
};

/** What the machine is and how busy it was when the first figure was taken. */
export interface Conditions {
  readonly command: string;
  readonly date: string;
  readonly processors: number;
  readonly processor: string;
  readonly memoryGigabytes: number;
  /** Programs that wanted a processor at once, on average over the minute before. */
  readonly load: number;
}

export function conditions(command: string): Conditions {
  return {
    command,
    date: new Date().toISOString().slice(0, 10),
    processors: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

/** docs/reference/bench.md of what was measured: every figure beside its budget, also where it is missed. */
export function benchPage(runs: readonly Run[], { command, date, processors, processor, memoryGigabytes, load }: Conditions): string {
  const missed = runs.flatMap(({ measured }) => Object.keys(measured.budgets).filter((figure) => !isMet(measured, figure)));
  const busy = load > processors / 2;
  return `# Benchmarks

\`${command}\` wrote this page on ${date}. It is not edited by hand.

| machine | |
|---|---|
| processor | ${processors} × ${processor} |
| memory | ${memoryGigabytes} GiB |
| Node | ${process.version} |
| load when it began | ${load} on ${processors} processors${busy ? ': **other programs were using this machine**' : ''} |

${busy ? 'Figures of a busy machine are worse than it can do, those in milliseconds most of all; ratios suffer less. Take them for a lower bound.\n\n' : ''}${
  missed.length === 0 ? 'Every budget was met.' : `**${missed.length} not met**, marked below.`
}

${runs.map(section).join('\n')}
\`pnpm bench NAME\` prints one of them. A budget is what a hospital needs, and stays as it is where it is missed.
`;
}

function section({ name, measured }: Run): string {
  const rows = Object.entries(measured.budgets).map(
    ([figure, budget]) =>
      `| ${WORDS[figure] ?? figure} | ${shown(measured.figures[figure])} | ${limit(budget)} | ${isMet(measured, figure) ? 'met' : '**not met**'} |`,
  );
  return `## ${name}\n\n| what | measured | budget | |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

function isMet({ figures, budgets }: Measured, figure: string): boolean {
  const value = figures[figure] ?? Number.NaN;
  const { atLeast = -Infinity, atMost = Infinity, below = Infinity } = budgets[figure] ?? {};
  return value >= atLeast && value <= atMost && value < below;
}

function limit({ atLeast, atMost, below }: Budget): string {
  if (atLeast !== undefined) return `at least ${shown(atLeast)}`;
  return atMost === undefined ? `below ${shown(below)}` : `at most ${shown(atMost)}`;
}

function shown(value: number | undefined): string {
  return value === undefined ? '–' : new Intl.NumberFormat('en', { maximumSignificantDigits: 3 }).format(value);
}
