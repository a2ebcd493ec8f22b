import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ZhidaError } from '@zhida/core';

const WAIT_MS = 100;
const DEADLINE_MS = 15_000;

export interface DemoLock {
  /** Notes a child, so that a restart after a kill can wait until it has gone. */
  addChild(pid: number): void;
  release(): void;
}

interface LockFile {
  readonly main: number;
  readonly children: readonly number[];
}

/**
 * One demo per folder. A demo that was killed leaves its file behind: its children end by themselves as soon as their
 * channel breaks, and the restart waits for that, because they still hold the ports.
 *
 * @throws ZhidaError `ZD_ERR_BUSY` when a demo already runs in this folder.
 */
export async function acquireDemoLock(root: string): Promise<DemoLock> {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const file = join(root, 'demo.lock.json');
  const before = readLock(file);
  if (before !== undefined) {
    if (isDemo(before.main))
      throw new ZhidaError('ZD_ERR_BUSY', `a demo already runs in this folder (process ${before.main})`, { at: root });
    await waitUntilGone(before.children);
  }
  let held: LockFile = { main: process.pid, children: [] };
  const write = (): void => writeFileSync(file, JSON.stringify(held), { mode: 0o600 });
  write();
  return {
    addChild(pid) {
      held = { ...held, children: [...held.children, pid] };
      write();
    },
    release: () => rmSync(file, { force: true }),
  };
}

function readLock(file: string): LockFile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LockFile;
  } catch {
    // Absent, or cut short by a kill while it was written: then no child had been noted that still matters.
    return undefined;
  }
}

async function waitUntilGone(pids: readonly number[]): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (pids.some(isDemo) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  for (const pid of pids.filter(isDemo)) process.kill(pid, 'SIGKILL');
}

/** A process number may have been given to another program since; where the system says what runs there, ask. */
function isDemo(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('county-demo');
  } catch {
    return process.platform !== 'linux';
  }
}
