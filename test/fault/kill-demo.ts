import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mulberry32 } from '../support/random.js';
import { type DemoRun, placeOf, removeRun, startBuiltDemo } from '../support/demo-run.js';

const RUN_DEADLINE_MS = 120_000;
const POLL_MS = 10;

/** When and whom one experiment kills. */
export interface Instant {
  /** Inside initdb, when the first keys are there, or this share of a whole run's length after the start. */
  readonly at: 'initdb' | 'keys' | number;
  /** Milliseconds after `initdb` was seen to begin. */
  readonly delayMs: number;
  readonly whom: 'main' | 'group';
}

export interface Killed {
  readonly killedAfterMs: number;
  /** Whether a cluster was half made at that instant. */
  readonly insideInitdb: boolean;
  /** Whether it had ended by itself before. */
  readonly ended: boolean;
  readonly output: string;
}

export interface Restarted extends Killed {
  readonly restartCode: number | null;
  readonly restartMs: number;
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

/** Starts `demo --once` and kills it at the instant. */
export async function killAt(
  instant: Instant,
  directory: string,
  basePort: number,
  wholeRunMs = Number.POSITIVE_INFINITY,
): Promise<Killed> {
  const run = await startBuiltDemo(directory, basePort, '--once');
  const started = performance.now();
  await reached(instant, directory, run.child, started, wholeRunMs);
  const killedAfterMs = performance.now() - started;
  const inside = insideInitdb(directory);
  const pid = run.child.pid ?? 0;
  // A run that was faster than the measured one has ended by itself: then there is nobody to kill.
  const ended = run.child.exitCode !== null;
  if (!ended) process.kill(instant.whom === 'group' ? -pid : pid, 'SIGKILL');
  await run.ended;
  return { killedAfterMs, insideInitdb: inside, ended, output: run.output() };
}

/** Starts `demo --once` once more where one was killed and waits for its own end. */
export async function completes(directory: string, basePort: number): Promise<{ code: number | null; ms: number; output: string }> {
  const run = await startBuiltDemo(directory, basePort, '--once');
  const started = performance.now();
  const code = await withDeadline(run);
  return { code, ms: performance.now() - started, output: run.output() };
}

/** Kills `demo --once` in a fresh folder at the instant and starts it again. */
export async function killAndRestart(instant: Instant, basePort: number, wholeRunMs: number): Promise<Restarted> {
  return inFreshFolder(async (directory) => {
    const killed = await killAt(instant, directory, basePort, wholeRunMs);
    const { code, ms, output } = await completes(directory, basePort);
    return { ...killed, restartCode: code, restartMs: ms, output };
  });
}

/** One undisturbed run from nothing: how long it takes is the scale of the other instants. */
export async function measureWholeRun(basePort: number): Promise<{ code: number | null; ms: number; output: string }> {
  return inFreshFolder((directory) => completes(directory, basePort));
}

export async function inFreshFolder<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'zhida-kill-'));
  try {
    return await work(directory);
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
  const due = (): boolean => {
    if (instant.at === 'keys') return hasKeys(directory);
    return instant.at !== 'initdb' && performance.now() - started >= instant.at * wholeRunMs;
  };
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

function hasKeys(directory: string): boolean {
  const keys = join(directory, 'keys');
  return existsSync(keys) && readdirSync(keys).length > 0;
}
