import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { halveWrites } from '@zhida/testkit';
import pino from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { writeWhole } from '../src/roads/ferry-out.js';
import { createShares, sharesAtOnce } from '../src/roads/shares.js';

test('a disk that takes less at once than it is given, as a nearly full one does, leaves no half of a file under its name', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'zhida-ferry-'));
  onTestFinished(async () => rm(directory, { recursive: true, force: true }));
  onTestFinished(await halveWrites());
  const parts = ['first line\n', '第二行\n', 'x'.repeat(100_000)];
  await writeWhole(createShares(60_000, pino({ level: 'silent' }), 2), directory, 'whole', parts);
  expect((await readFile(join(directory, 'whole'), 'utf8')) === parts.join('')).toBe(true);
});

test('a directory that hangs is asked nothing more and reported once, however often it is wanted, and is asked again once it answers', async () => {
  const log: string[] = [];
  const shares = createShares(20, pino({}, { write: (line) => void log.push(line) }), 2);
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

test('however many gates hang, two threads are left to the process: the other gates rest, and go on once one answers', async () => {
  const log: string[] = [];
  const atOnce = sharesAtOnce(undefined);
  const shares = createShares(20, pino({}, { write: (line) => void log.push(line) }), atOnce);
  const answers: (() => void)[] = [];
  const begun = vi.fn(() => new Promise<void>((resolve) => void answers.push(resolve)));
  const hung = ['/a', '/b', '/c', '/d', '/e', '/f'].map(async (gate) => shares.on(gate, begun));
  for (const gate of hung) await expect(gate).rejects.toMatchObject({ name: 'ShareHangs' });
  expect([atOnce, begun.mock.calls.length, shares.hanging()]).toEqual([2, 2, 2]);
  await expect(shares.on('/c', async () => 'here')).rejects.toMatchObject({ name: 'ShareHangs' });
  expect(log.filter((line) => line.includes('rest until one answers'))).toHaveLength(1);
  answers[0]?.();
  await expect.poll(() => shares.hanging()).toBe(1);
  expect(await shares.on('/c', async () => 'here')).toBe('here');
  expect([sharesAtOnce('16'), sharesAtOnce('1'), sharesAtOnce('many')]).toEqual([14, 1, 2]);
});

test('gates that answer are all asked in turn, however many there are', async () => {
  const shares = createShares(60_000, pino({ level: 'silent' }), 2);
  const gates = Array.from({ length: 20 }, (_, gate) => `/${gate}`);
  expect(await Promise.all(gates.map(async (gate) => shares.on(gate, async () => gate)))).toEqual(gates);
});

test('what one attempt asks of a directory has one deadline together', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const shares = createShares(1_000, pino({ level: 'silent' }), 2);
  const slow = async (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 400));
  const attempt = shares.attempt();
  const all = Promise.allSettled([1, 2, 3, 4, 5].map(async () => attempt.on('/gate', slow)));
  await vi.advanceTimersByTimeAsync(1_000);
  await vi.advanceTimersByTimeAsync(1_000);
  expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected', 'rejected']);
  // Things that are no attempt have the whole time each.
  const each = Promise.all([1, 2, 3].map(async () => shares.on('/gate', slow)));
  await vi.advanceTimersByTimeAsync(1_200);
  await each;
});
