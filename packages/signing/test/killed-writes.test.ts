import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { addTrust, createKeyDirectory, openKeyDirectory, rotateKeys, trustFingerprint } from '../src/index.js';
import { makeParty, scratch, testClock, trustFileOf } from './parties.js';

/**
 * A process killed at its n-th call to the disk, as the disk sees it: the first n - 1 calls are done, and none after them,
 * no clean-up either. The calls that never come back are left behind; the next "process" is simply a second call.
 */
const CALLS = ['mkdir', 'open', 'link', 'rename', 'rm', 'chmod'] as const;
const HANDLE_CALLS = ['writeFile', 'sync', 'close'] as const;
const original = { ...fs.promises };
/** The kernel closes what a killed process had open; here nobody else would. */
let abandoned: (() => Promise<unknown>)[] = [];
type Call = (...parameters: unknown[]) => Promise<unknown>;

function killAt(count: number): { readonly killed: Promise<void>; calls(): number } {
  let calls = 0;
  let report: () => void = () => undefined;
  const killed = new Promise<void>((resolve) => {
    report = resolve;
  });
  const counted =
    (call: Call): Call =>
    (...parameters) => {
      calls += 1;
      if (calls < count) return call(...parameters);
      report();
      return new Promise(() => undefined);
    };
  const patched = fs.promises as unknown as Record<string, Call>;
  for (const name of CALLS) {
    const call = counted(original[name] as unknown as Call);
    patched[name] =
      name !== 'open'
        ? call
        : async (...parameters) => {
            const handle = (await call(...parameters)) as Record<string, Call>;
            abandoned.push((handle['close'] as Call).bind(handle));
            for (const method of HANDLE_CALLS) handle[method] = counted((handle[method] as Call).bind(handle));
            return handle;
          };
  }
  syncBuiltinESMExports();
  return { killed, calls: () => calls };
}

afterEach(restart);

async function restart(): Promise<void> {
  Object.assign(fs.promises, original);
  syncBuiltinESMExports();
  await Promise.all(abandoned.map((close) => close()));
  abandoned = [];
}

/** Runs `act` once for every call it makes, killed at that call, each time on a fresh `prepare`; then `check`. */
async function killEverywhere<Place>(
  prepare: () => Promise<Place>,
  act: (place: Place) => Promise<unknown>,
  check: (place: Place) => Promise<void>,
) {
  for (let count = 1; ; count += 1) {
    const place = await prepare();
    const { killed } = killAt(count);
    const outcome = await Promise.race([killed.then(() => 'killed'), act(place).then(() => 'done')]);
    await restart();
    await check(place);
    if (outcome === 'done') return count - 1;
  }
}

test('keys create killed at every call to the disk is completed by a second run', async () => {
  const options = { party: 'agency:police-440299', role: 'agency', mode: 'test' } as const;
  const kills = await killEverywhere(
    async () => join(await scratch(), 'keys'),
    (directory) => createKeyDirectory(directory, options),
    async (directory) => {
      const first = await readFile(join(directory, 'keys.json'), 'utf8').catch(() => undefined);
      const keys = await createKeyDirectory(directory, options);
      if (first !== undefined) expect(await readFile(join(directory, 'keys.json'), 'utf8')).toBe(first);
      expect((await openKeyDirectory(directory)).signingKey.kid).toBe(keys.signingKey.kid);
      expect(await readdir(directory)).toEqual(expect.arrayContaining(['keys.json', 'master.key', 'trust']));
    },
  );
  expect(kills).toBeGreaterThan(15);
});

test('trust add killed at every call to the disk leaves the old party or the new one, and a second run completes it', async () => {
  const clock = testClock();
  const [first, second] = await Promise.all([makeParty('relay:county', 'test', clock), makeParty('relay:county', 'test', clock)]);
  const [oldFile, newFile] = [trustFileOf(first), trustFileOf(second)];
  const kills = await killEverywhere(
    async () => {
      const agency = await makeParty('agency:police-440299', 'test', clock);
      await addTrust(agency, oldFile, { fingerprint: trustFingerprint(oldFile) });
      return agency;
    },
    (agency) => addTrust(agency, newFile, { fingerprint: trustFingerprint(newFile) }),
    async ({ directory }) => {
      const reopened = await openKeyDirectory(directory, { clock });
      const kid = reopened.trusted.party('relay:county')?.sigKeys[0]?.kid;
      expect([first.signingKey.kid, second.signingKey.kid]).toContain(kid);
      const { trusted } = await addTrust(reopened, newFile, { fingerprint: trustFingerprint(newFile) });
      expect(trusted.sigKeys[0]?.kid).toBe(second.signingKey.kid);
    },
  );
  expect(kills).toBeGreaterThan(5);
});

test('a rotation killed at every call to the disk leaves the old keys or the new ones', async () => {
  const clock = testClock();
  const times = { activateAt: '2026-05-11T00:00:00Z', retireAt: '2026-06-11T00:00:00Z' };
  const kills = await killEverywhere(
    () => makeParty('relay:county', 'test', clock),
    (keys) => rotateKeys(keys, times),
    async ({ directory, signingKey }) => {
      const reopened = await openKeyDirectory(directory, { clock });
      expect(reopened.signingKeys[0]?.kid).toBe(signingKey.kid);
      expect([1, 2]).toContain(reopened.signingKeys.length);
    },
  );
  expect(kills).toBeGreaterThan(5);
});
