import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '@zhida/core';
import { expect, test } from 'vitest';
import { builtScript } from '../../../test/fault/support/built-script.js';
import { createKeyDirectory, openKeyDirectory, type TrustFile, trustFingerprint, addTrust } from '../src/index.js';
import { makeParty, scratch, trustFileOf } from './parties.js';

const AGENCY = { party: 'agency:police-440299', role: 'agency', mode: 'test' } as const;
const DAY = 86_400_000;

/** Instants at which a process is killed: so many lines, then so many milliseconds. Fixed, so that a failure can be repeated. */
function instants(seed: number, count: number): { lines: number; delayMs: number }[] {
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: count }, () => ({ lines: 1 + next(12), delayMs: next(8) }));
}

/** What a process said before it was killed at this instant. */
async function killAt({ lines, delayMs }: { lines: number; delayMs: number }, argv: readonly string[]): Promise<string[]> {
  const program = await builtScript(join(import.meta.dirname, 'kill-child.ts'));
  const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === lines) setTimeout(() => child.kill('SIGKILL'), delayMs);
  }
  expect((await ended)[1]).toBe('SIGKILL');
  return said;
}

async function relayFile(): Promise<TrustFile> {
  const now = systemClock.now();
  return trustFileOf(await makeParty('relay:county', 'test', systemClock), now - DAY, now + 365 * DAY);
}

test('of processes that race to make the same keys and are killed, none leaves half a directory or a second set of keys', async () => {
  const file = await relayFile();
  for (const [round, instant] of instants(20_261_122, 4).entries()) {
    const root = await scratch();
    const racers = [instant, { ...instant, lines: instant.lines + round }, { ...instant, delayMs: instant.delayMs + round }];
    const said = (await Promise.all(racers.map((at) => killAt(at, ['create', root, JSON.stringify(file)])))).flat();
    const folders = await readdir(root);
    expect(folders.length).toBeGreaterThan(0);
    for (const folder of folders) {
      const directory = join(root, folder);
      const before = await readFile(join(directory, 'keys.json'), 'utf8').catch(() => undefined);
      // The next run of the same command completes it.
      const keys = await createKeyDirectory(directory, AGENCY);
      if (before !== undefined) expect(await readFile(join(directory, 'keys.json'), 'utf8')).toBe(before);
      await addTrust(keys, file, { fingerprint: trustFingerprint(file) });
      const reopened = await openKeyDirectory(directory);
      expect(reopened.trusted.party('relay:county')?.sigKeys).toHaveLength(1);
      const known = `${folder} ${reopened.signingKey.kid} ${Buffer.from(reopened.masterKey ?? []).toString('hex')}`;
      for (const line of said.filter((one) => one.startsWith(`${folder} `))) expect(line).toBe(known);
    }
  }
});

test('a rotation killed at any instant leaves every key that was said to be made', async () => {
  const keys = await makeParty('agency:police-440299', 'test', systemClock);
  const first = keys.signingKey.kid;
  let known = 1;
  for (const instant of instants(7, 4)) {
    const said = await killAt(instant, ['rotate', keys.directory]);
    const reopened = await openKeyDirectory(keys.directory);
    expect(reopened.signingKeys.length).toBeGreaterThanOrEqual(Math.max(known, ...said.map(Number)));
    expect(reopened.signingKeys.length).toBe(reopened.restrictedKeys.length);
    expect(reopened.signingKeys[0]?.kid).toBe(first);
    known = reopened.signingKeys.length;
  }
  expect(known).toBeGreaterThan(4);
});
