import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Sends a process the signal and waits until it has gone. One that was never there, or has ended by itself, is left alone. */
export async function endChild(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}
