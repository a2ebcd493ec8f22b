import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { halveWrites } from '@zhida/testkit';
import pino from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { writeWhole } from '../src/roads/ferry-out.js';
import { createShares } from '../src/roads/shares.js';

test('a disk that takes less at once than it is given, as a nearly full one does, leaves no half of a file under its name', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'zhida-ferry-'));
  onTestFinished(async () => rm(directory, { recursive: true, force: true }));
  onTestFinished(await halveWrites());
  const parts = ['first line\n', '第二行\n', 'x'.repeat(100_000)];
  await writeWhole(createShares(60_000, pino({ level: 'silent' })), directory, 'whole', parts);
  expect((await readFile(join(directory, 'whole'), 'utf8')) === parts.join('')).toBe(true);
});

test('a directory that hangs is asked nothing more and reported once, however often it is wanted, and is asked again once it answers', async () => {
  const log: string[] = [];
  const shares = createShares(20, pino({}, { write: (line) => void log.push(line) }));
  let answer: (() => void) | undefined;
  const hangs = { name: 'ShareHangs' };
  await expect(shares.on('/gate', () => new Promise<void>((resolve) => (answer = resolve)))).rejects.toMatchObject(hangs);
  const asked = vi.fn(() => Promise.resolve('here'));
  for (let want = 0; want < 3; want += 1) await expect(shares.on('/gate', asked)).rejects.toMatchObject(hangs);
  expect([asked.mock.calls.length, shares.hanging(), log.length]).toEqual([0, 1, 1]);
  expect(await shares.on('/other', asked)).toBe('here');
  answer?.();
  await expect.poll(() => shares.hanging()).toBe(0);
  expect(await shares.on('/gate', asked)).toBe('here');
  expect(log).toHaveLength(2);
});
