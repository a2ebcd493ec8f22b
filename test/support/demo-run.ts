import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAMS } from '../../examples/county-demo/src/program.js';
import { builtScripts } from '../fault/support/built-script.js';
import { scriptArguments } from './scripts.js';

const CHECKOUT = join(import.meta.dirname, '../..');
const POLL_MS = 100;
/** As `pnpm demo` loads it. */
export const EARLY_FAREWELL = './examples/county-demo/src/early-farewell.mjs';

/** A demo as a stranger starts it: a process of its own, with what it has printed so far. */
export interface DemoRun {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output(): string;
}

/** Starts it as `pnpm demo` does, from source. */
export function startDemo(directory: string, basePort: number, ...options: string[]): DemoRun {
  return runDemo([process.execPath, ...scriptArguments('demo')], directory, basePort, options);
}

/** Starts it as a developer does, by the very words: it starts anew when a source changes. */
export function startDev(directory: string, basePort: number): DemoRun {
  return runDemo(['pnpm', 'dev'], directory, basePort, []);
}

/** Starts the same programs built: each of its eight processes then spends a fraction of the time on being loaded. */
export async function startBuiltDemo(directory: string, basePort: number, ...options: string[]): Promise<DemoRun> {
  const main = join(await builtScripts(PROGRAMS), 'main.mjs');
  return runDemo([process.execPath, '--import', EARLY_FAREWELL, main], directory, basePort, options);
}

function runDemo([program = '', ...words]: readonly string[], directory: string, basePort: number, options: readonly string[]): DemoRun {
  const child = spawn(
    program,
    [...words, '--directory', directory, '--base-port', String(basePort), ...options],
    // A group of its own, so that "the whole process group" is the demo and not this test.
    { cwd: CHECKOUT, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  const collect = (chunk: Buffer): void => {
    text += chunk.toString('utf8');
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  // Not `exit`: the last lines may still be in the pipe then.
  return { child, ended: new Promise((resolve) => child.once('close', (code) => resolve(code))), output: () => text };
}

/** Waits until a demo has printed its addresses. @throws Error with its output when it ends or takes too long before. */
export async function addressesPrinted(run: DemoRun, deadlineMs: number): Promise<string> {
  const deadline = performance.now() + deadlineMs;
  while (!run.output().includes('Ctrl-C')) {
    if (run.child.exitCode !== null || performance.now() > deadline) throw new Error(`the demo printed no addresses:\n${run.output()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return run.output();
}

/** As a terminal does it: to the whole group. */
export async function pressCtrlC(run: DemoRun): Promise<number | null> {
  if (run.child.exitCode === null) process.kill(-(run.child.pid ?? 0), 'SIGINT');
  return run.ended;
}

/** Where this run keeps its cluster; as root below a closed folder that is a system directory, named in the state file. */
export function placeOf(directory: string): { place: string; moved: boolean } | undefined {
  try {
    const { place, movedUnder } = JSON.parse(readFileSync(join(directory, 'database.json'), 'utf8')) as {
      place: string;
      movedUnder: string | null;
    };
    return { place, moved: movedUnder !== null };
  } catch {
    // Not written yet, or cut short by the kill.
    return undefined;
  }
}

/** Removes what one run wrote, the cluster in a system directory too. */
export function removeRun(directory: string): void {
  const settled = placeOf(directory);
  if (settled?.moved === true) rmSync(settled.place, { recursive: true, force: true });
  rmSync(directory, { recursive: true, force: true });
}
