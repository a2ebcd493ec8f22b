import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mulberry32 } from '../support/random.js';
import { type DemoRun, placeOf, removeRun, startDemo } from '../support/demo-run.js';

const RUN_DEADLINE_MS = 120_000;
const POLL_MS = 10;

/** When and whom one experiment kills. */
export interface Instant {
  /** Inside initdb, or this share of a whole run's length after the start. */
  readonly at: 'initdb' | number;
  /** Milliseconds after `initdb` was seen to begin. */
  readonly delayMs: number;
  readonly whom: 'main' | 'group';
}

export interface Killed {
  readonly instant: Instant;
  readonly killedAfterMs: number;
  /** Whether a cluster was half made at that instant. */
  readonly insideInitdb: boolean;
  readonly restartCode: number | null;
  readonly restartMs: number;
  readonly output: string;
}

/** Seeded instants: every fifth one or at least three of twenty inside initdb, every second one against the whole process group. */
export function instants(seed: number, count: number): Instant[] {
  const random = mulberry32(seed);
  return Array.from({ length: count }, (_, index) => ({
    at: index % 5 === 0 ? ('initdb' as const) : 0.02 + 0.96 * random(),
    // Well within the shortest initdb, so that the kill falls inside it.
    delayMs: Math.floor(random() * 250),
    whom: index % 2 === 0 ? ('main' as const) : ('group' as const),
  }));
}

/** Starts `demo --once` in a fresh folder, kills it at the instant, starts it again and waits for its own end. */
export async function killAndRestart(instant: Instant, basePort: number, wholeRunMs: number): Promise<Killed> {
  const directory = mkdtempSync(join(tmpdir(), 'zhida-kill-'));
  try {
    const started = performance.now();
    const first = startDemo(directory, basePort, '--once');
    await reached(instant, directory, first.child, started, wholeRunMs);
    const killedAfterMs = performance.now() - started;
    const inside = insideInitdb(directory);
    const pid = first.child.pid ?? 0;
    // A run that was faster than the measured one has ended by itself: then there is nobody to kill.
    if (first.child.exitCode === null) process.kill(instant.whom === 'group' ? -pid : pid, 'SIGKILL');
    await first.ended;
    const again = performance.now();
    const second = startDemo(directory, basePort, '--once');
    const restartCode = await withDeadline(second);
    return { instant, killedAfterMs, insideInitdb: inside, restartCode, restartMs: performance.now() - again, output: second.output() };
  } finally {
    removeRun(directory);
  }
}

/** One undisturbed run from nothing: how long it takes is the scale of the other instants. */
export async function measureWholeRun(basePort: number): Promise<{ code: number | null; ms: number; output: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'zhida-kill-'));
  try {
    const started = performance.now();
    const run = startDemo(directory, basePort, '--once');
    const code = await withDeadline(run);
    return { code, ms: performance.now() - started, output: run.output() };
  } finally {
    removeRun(directory);
  }
}

async function withDeadline(run: DemoRun): Promise<number | null> {
  const timer = setTimeout(() => process.kill(-(run.child.pid ?? 0), 'SIGKILL'), RUN_DEADLINE_MS);
  const code = await run.ended;
  clearTimeout(timer);
  return code;
}

async function reached(instant: Instant, directory: string, child: ChildProcess, started: number, wholeRunMs: number): Promise<void> {
  const due = (): boolean => instant.at !== 'initdb' && performance.now() - started >= instant.at * wholeRunMs;
  let initdbSeen: number | undefined;
  while (child.exitCode === null && !due()) {
    if (instant.at === 'initdb') {
      if (initdbSeen === undefined && insideInitdb(directory)) initdbSeen = performance.now();
      if (initdbSeen !== undefined && performance.now() - initdbSeen >= instant.delayMs) return;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function insideInitdb(directory: string): boolean {
  const settled = placeOf(directory);
  return settled !== undefined && existsSync(join(settled.place, 'data.new'));
}
