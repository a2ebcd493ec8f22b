import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDeadline } from '../src/embedded/deadline.js';
import { identityOf, isAlive } from '../src/embedded/process-identity.js';
import { acquireStartLock } from '../src/embedded/start-lock.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zhida-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

// The embedded database, whose lock this is, is not there on Windows.
describe.runIf(process.platform !== 'win32')('the start lock', () => {
  it('is held by one at a time, however many want it', async () => {
    let holders = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const lock = await acquireStartLock(join(folder, 'start.lock'), startDeadline(10_000));
        holders += 1;
        most = Math.max(most, holders);
        await new Promise((resolve) => setImmediate(resolve));
        holders -= 1;
        lock.release();
      }),
    );
    expect(most).toBe(1);
  });

  it.each([
    ['a process that is no more', JSON.stringify({ pid: 999_999_999, began: 'long ago' })],
    ['an earlier process with the pid of a living one', JSON.stringify({ pid: process.pid, began: 'another boot' })],
    ['nobody', '{}'],
    ['half a file', '{"pi'],
  ])('is taken over from %s, by one of many', async (_whom, content) => {
    writeFileSync(join(folder, 'start.lock.7'), content);
    const locks = await Promise.allSettled(
      Array.from({ length: 10 }, () => acquireStartLock(join(folder, 'start.lock'), startDeadline(100))),
    );
    expect(locks.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is waited for until the deadline, and the error names its file', async () => {
    const lock = await acquireStartLock(join(folder, 'start.lock'), startDeadline(1000));
    await expect(acquireStartLock(join(folder, 'start.lock'), startDeadline(60))).rejects.toMatchObject({
      code: 'ZD_ERR_DATABASE_START',
      at: join(folder, 'start.lock.1'),
    });
    lock.release();
    lock.release();
    const next = await acquireStartLock(join(folder, 'start.lock'), startDeadline(60));
    next.release();
  });
});

describe('a process identity', () => {
  it('is alive while the process lives and is not another process with its pid', () => {
    const self = identityOf(process.pid);
    expect(self && isAlive(self)).toBe(true);
    expect(isAlive({ pid: process.pid, began: 'another boot' })).toBe(false);
    expect(identityOf(999_999_999)).toBeUndefined();
    expect(identityOf(-1)).toBeUndefined();
  });
});
