import { expect, test } from 'vitest';
import { completes, inFreshFolder, killAt } from './kill-demo.js';

const BASE_PORT = 17_400;

/** The two worst instants; `pnpm test:kill` takes twenty, each with a folder of its own. */
test('a demo killed inside initdb, and its whole group while keys are made, completes at its next start, without a hand', async () => {
  await inFreshFolder(async (directory) => {
    const first = await killAt({ at: 'initdb', delayMs: 100, whom: 'main' }, directory, BASE_PORT);
    expect(first.output).not.toContain('✗');
    expect([first.ended, first.insideInitdb]).toEqual([false, true]);
    // The database is its first step: with keys there, it has come over what the first kill left.
    const second = await killAt({ at: 'keys', delayMs: 0, whom: 'group' }, directory, BASE_PORT);
    expect(second.output).not.toContain('✗');
    expect(second.ended).toBe(false);
    const last = await completes(directory, BASE_PORT);
    expect(last.output).toContain('every step was verified');
    expect(last.code).toBe(0);
  });
}, 300_000);
