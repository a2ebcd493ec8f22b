import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Round } from './beside.js';

export const BACKLOG_BUDGETS = {
  costAt10kOver1k: { atMost: 1.2 },
  costAt100kOver1k: { atMost: 1.2 },
  rssAt100kOver10k: { atMost: 1.2 },
} as const;

const OPEN = [1_000, 10_000, 100_000] as const;
const ROUNDS = 15;
const REPORTS_PER_ROUND = 20;

/**
 * What a report costs beside 1 000, 10 000 and 100 000 open deliveries. The three stand ready at once and take turns, so that what
 * else the machine does meets all of them; the figure is the median of what each round says of its own neighbours.
 */
export async function measureBacklog(): Promise<{ figures: Record<keyof typeof BACKLOG_BUDGETS, number>; beside: object }> {
  const children: ChildProcess[] = [];
  try {
    for (const open of OPEN) children.push(await startBeside(open));
    const rounds: Round[][] = [];
    for (let turn = 0; turn < ROUNDS; turn += 1) {
      const measured: Round[] = [];
      for (const child of children) measured.push(await roundOf(child));
      rounds.push(measured);
    }
    const cost = (of: number): number => median(rounds.map((round) => (round[of]?.msPerReport ?? 0) / (round[0]?.msPerReport ?? 0)));
    const at = (of: number): Round => ({
      msPerReport: median(rounds.map((round) => round[of]?.msPerReport ?? 0)),
      rssMb: median(rounds.map((round) => round[of]?.rssMb ?? 0)),
    });
    return {
      figures: { costAt10kOver1k: cost(1), costAt100kOver1k: cost(2), rssAt100kOver10k: at(2).rssMb / at(1).rssMb },
      beside: Object.fromEntries(OPEN.map((open, index) => [open, at(index)])),
    };
  } finally {
    await Promise.all(children.map(end));
  }
}

async function startBeside(open: number): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'beside.ts'), [String(open), String(REPORTS_PER_ROUND)]);
  await once(child, 'message');
  return child;
}

async function roundOf(child: ChildProcess): Promise<Round> {
  const measured = once(child, 'message');
  child.send('round');
  const [round] = (await measured) as [Round];
  return round;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.send('end');
  await gone;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
