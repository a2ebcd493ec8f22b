import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { zhida } from './zhida-here.js';
import type { ProcessResult } from './zhida-process.js';

const POLICE = 'agency:police-440299';

/** Keys of a relay and of the police, and the police's trust file; with every private value of both. */
async function twoParties() {
  const root = await mkdtemp(join(tmpdir(), 'zhida-cli-keys-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const [relay, police, file] = [join(root, 'relay'), join(root, 'police'), join(root, 'police.json')];
  const create = (directory: string, party: string, role: string) =>
    zhida(['keys', 'create', '--directory', directory, '--party', party, '--role', role, '--mode', 'test']);
  const made = await Promise.all([create(relay, 'relay:county', 'relay'), create(police, POLICE, 'agency')]);
  const exported = await exportTo(police, file);
  return { root, relay, police, file, results: [...made, exported], secrets: [...(await secretsOf(relay)), ...(await secretsOf(police))] };
}

function exportTo(directory: string, file: string): Promise<ProcessResult> {
  return zhida(['keys', 'export', '--directory', directory, '--base-url', 'http://127.0.0.1:7421/zhida', '--output', file]);
}

async function secretsOf(directory: string): Promise<string[]> {
  const { keys } = JSON.parse(await readFile(join(directory, 'keys.json'), 'utf8')) as { keys: { d: string }[] };
  return [...keys.map(({ d }) => d), (await readFile(join(directory, 'master.key'), 'utf8')).trim()];
}

async function modeOf(file: string): Promise<number> {
  return (await stat(file)).mode & 0o777;
}

test.runIf(process.platform !== 'win32')('the trust file is written 0600, whole, and over one that was open', async () => {
  const { root, police, file } = await twoParties();
  expect(await modeOf(file)).toBe(0o600);
  await writeFile(file, 'an older file');
  await chmod(file, 0o666);
  expect((await exportTo(police, file)).code).toBe(0);
  expect(await modeOf(file)).toBe(0o600);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ party: POLICE, baseUrl: 'http://127.0.0.1:7421/zhida' });
  await mkdir(join(root, 'a-folder'));
  const refused = await exportTo(police, join(root, 'a-folder'));
  expect(refused).toMatchObject({ code: 78, stdout: '' });
  expect(refused.stderr).toMatch(/^zhida: ZD_ERR_OPTION_INVALID .*\n$/);
  expect((await readdir(root)).sort()).toEqual(['a-folder', 'police', 'police.json', 'relay']);
});

test('no key material is on any stream, be the command taken or refused', async () => {
  const { root, relay, police, file, results, secrets } = await twoParties();
  const add = (path: string, ...more: string[]) => zhida(['trust', 'add', path, '--directory', relay, ...more]);
  const leaked = join(root, 'leaked.json');
  const trust = JSON.parse(await readFile(file, 'utf8')) as { jwks: { keys: object[] } };
  const keys = trust.jwks.keys.map((key, index) => ({ ...key, d: secrets[2 + index] }));
  await writeFile(leaked, JSON.stringify({ ...trust, jwks: { keys } }));
  const refused = await Promise.all([
    add(file, '--fingerprint', '0000-0000-0000-0000-0000-0000-0000-0000'),
    add(leaked, '--fingerprint', '0000-0000-0000-0000-0000-0000-0000-0000'),
    // Somebody hands over keys.json for the trust file.
    add(join(police, 'keys.json'), '--fingerprint', '0000'),
    zhida(['keys', 'fingerprint', join(police, 'keys.json')]),
    zhida(['keys', 'rotate', '--directory', police, '--activate-at', 'soon', '--retire-at', 'later']),
  ]);
  expect(refused.map(({ code }) => code)).toEqual([69, 78, 78, 78, 78]);
  expect(refused[0]?.stderr).toMatch(/^zhida: ZD_ERR_TRUST_FINGERPRINT /);
  expect(refused[1]?.stderr).toMatch(/private key/);
  await writeFile(join(police, 'keys.json'), (await readFile(join(police, 'keys.json'), 'utf8')).slice(0, -20));
  refused.push(await zhida(['trust', 'list', '--directory', police]));
  expect(refused.at(-1)).toMatchObject({ code: 78 });
  expect(secrets).toHaveLength(7);
  for (const { stdout, stderr } of [...results, ...refused]) {
    for (const secret of secrets) expect(stdout + stderr).not.toContain(secret.slice(0, 12));
  }
});

test.runIf(process.platform !== 'win32')('a rotation keeps the old keys, the folder private, and says what comes next', async () => {
  const { police } = await twoParties();
  const before = await secretsOf(police);
  const times = ['--activate-at', '2098-01-01T00:00:00+08:00', '--retire-at', '2099-01-01T00:00:00+08:00'];
  const rotated = await zhida(['keys', 'rotate', '--directory', police, ...times]);
  expect(rotated).toMatchObject({ code: 0, stderr: '' });
  expect(rotated.stdout).toContain('restart');
  const after = await secretsOf(police);
  expect(after).toEqual(expect.arrayContaining(before));
  expect(after).toHaveLength(before.length + 3);
  expect([await modeOf(police), await modeOf(join(police, 'keys.json'))]).toEqual([0o700, 0o600]);
  expect((await readdir(police)).sort()).toEqual(['keys.json', 'master.key', 'trust']);
});
