import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { zhida } from './zhida-here.js';
import { jsonLines, zhida as zhidaProcess } from './zhida-process.js';

const POLICE = 'agency:police-440299';

/** A folder for the keys of a few parties, gone after the test. */
async function place() {
  const root = await mkdtemp(join(tmpdir(), 'zhida-cli-keys-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const create = (name: string, party: string, mode = 'test', ...more: string[]) =>
    zhida([
      'keys',
      'create',
      '--directory',
      join(root, name),
      '--party',
      party,
      '--role',
      party.split(':')[0] ?? '',
      '--mode',
      mode,
      ...more,
    ]);
  const exportTo = async (name: string, file: string) => {
    const output = join(root, file);
    const result = await zhida([
      'keys',
      'export',
      '--directory',
      join(root, name),
      '--base-url',
      'http://127.0.0.1:7421',
      '--output',
      output,
    ]);
    return { ...result, output, fingerprint: result.stderr.trim().split('\n').at(-1) ?? '' };
  };
  const add = (name: string, file: string, ...more: string[]) => zhida(['trust', 'add', file, '--directory', join(root, name), ...more]);
  return { root, create, exportTo, add };
}

test('two parties make keys, hand over a trust file, compare the fingerprint and meet', async () => {
  const { root, create, exportTo, add } = await place();
  const [relay, police] = await Promise.all([create('relay', 'relay:county'), create('police', POLICE)]);
  expect([relay.code, police.code, relay.stderr, police.stderr]).toEqual([0, 0, '', '']);
  expect(police.stdout).toBe(`the test keys of ${POLICE} are in ${join(root, 'police')}\n`);

  const exported = await exportTo('police', 'police.json');
  expect(exported).toMatchObject({ code: 0, stdout: '' });
  expect(exported.stderr).toMatch(/^fingerprint of agency:police-440299, to be read out by telephone:\n([0-9A-Z]{4}-){7}[0-9A-Z]{4}\n$/);
  expect(await zhidaProcess(['keys', 'fingerprint', exported.output])).toEqual({
    code: 0,
    stdout: `${exported.fingerprint}\n`,
    stderr: '',
  });

  const added = await add('relay', exported.output, '--fingerprint', exported.fingerprint.toLowerCase());
  expect(added).toEqual({ code: 0, stdout: `${POLICE} is now trusted (test, http://127.0.0.1:7421)\n`, stderr: '' });
  const again = await add('relay', exported.output, '--fingerprint', exported.fingerprint, '--json');
  expect(jsonLines(again.stdout)).toMatchObject([{ party: POLICE, change: 'unchanged' }]);

  const [listed, asJson] = await Promise.all([
    zhida(['trust', 'list', '--directory', join(root, 'relay')]),
    zhida(['trust', 'list', '--json', '--directory', join(root, 'relay')]),
  ]);
  expect(listed.stdout).toContain(`${POLICE}\n  test, http://127.0.0.1:7421, until `);
  expect(jsonLines(asJson.stdout)).toMatchObject([{ party: POLICE, role: 'agency', mode: 'test', fingerprint: exported.fingerprint }]);
});

test('keys made a second time stay the same, and export to standard output is the trust file alone, without a private key', async () => {
  const { root, create } = await place();
  const first = jsonLines((await create('police', POLICE, 'test', '--json')).stdout);
  expect(jsonLines((await create('police', POLICE, 'test', '--json')).stdout)).toEqual(first);
  const { stdout, stderr, code } = await zhida([
    'keys',
    'export',
    '--directory',
    join(root, 'police'),
    '--base-url',
    'https://police.example/',
  ]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ v: '1', party: POLICE, mode: 'test', baseUrl: 'https://police.example' });
  const { keys } = JSON.parse(await readFile(join(root, 'police', 'keys.json'), 'utf8')) as { keys: { d: string }[] };
  const secrets = [...keys.map(({ d }) => d), (await readFile(join(root, 'police', 'master.key'), 'utf8')).trim()];
  expect(secrets).toHaveLength(4);
  for (const secret of secrets) expect(stdout + stderr).not.toContain(secret);
});

test('another fingerprint, or none, pins nobody and exits 69', async () => {
  const { root, create, exportTo, add } = await place();
  await Promise.all([create('relay', 'relay:county'), create('police', POLICE)]);
  const { output, fingerprint } = await exportTo('police', 'police.json');
  const wrong = `${fingerprint.startsWith('0') ? '1' : '0'}${fingerprint.slice(1)}`;
  for (const result of await Promise.all([add('relay', output, '--fingerprint', wrong), add('relay', output)])) {
    expect(result).toMatchObject({ code: 69, stdout: '' });
    expect(result.stderr).toMatch(/^zhida: ZD_ERR_TRUST_FINGERPRINT at fingerprint: /);
  }
  expect(await zhida(['trust', 'list', '--directory', join(root, 'relay')])).toMatchObject({
    code: 0,
    stdout: 'no party is trusted yet\n',
  });
});

test('INV-16 keys of the other mode are neither taken over nor trusted, exit 78', async () => {
  const { create, exportTo, add } = await place();
  await Promise.all([create('relay', 'relay:county'), create('police', POLICE, 'production')]);
  const { output, fingerprint } = await exportTo('police', 'police.json');
  const [taken, trusted] = await Promise.all([create('police', POLICE, 'test'), add('relay', output, '--fingerprint', fingerprint)]);
  for (const result of [taken, trusted]) {
    expect(result).toMatchObject({ code: 78, stdout: '' });
    expect(result.stderr).toMatch(/^zhida: ZD_ERR_MODE_REFUSED /);
  }
});

test('a rotation is taken without a telephone call, because the old key signed the new file', async () => {
  const { root, create, exportTo, add } = await place();
  await Promise.all([create('relay', 'relay:county'), create('police', POLICE)]);
  const old = await exportTo('police', 'old.json');
  await add('relay', old.output, '--fingerprint', old.fingerprint);
  const times = ['--activate-at', '2098-01-01T00:00:00Z', '--retire-at', '2099-01-01T00:00:00Z'];
  expect(await zhida(['keys', 'rotate', '--directory', join(root, 'police'), ...times])).toMatchObject({ code: 0, stderr: '' });
  const renewed = await exportTo('police', 'new.json');
  expect(renewed.fingerprint).not.toBe(old.fingerprint);
  expect(await add('relay', renewed.output)).toMatchObject({
    code: 0,
    stdout: `${POLICE} is trusted under its new file (test, http://127.0.0.1:7421)\n`,
  });
  const rollback = await add('relay', old.output);
  expect(rollback).toMatchObject({ code: 78 });
  expect(rollback.stderr).toContain('ZD_ERR_TRUST_FILE at notBefore');
});

test('what cannot be read says so in one line: no keys, keys open to others, no trust file, a file that is none', async () => {
  const { root, create, add } = await place();
  await create('relay', 'relay:county');
  await writeFile(join(root, 'text.json'), 'not a trust file: 张测试');
  await writeFile(join(root, 'large.json'), ' '.repeat(300_000));
  const [nowhere, absent, text, large] = await Promise.all([
    zhida(['trust', 'list', '--directory', join(root, 'nowhere')]),
    add('relay', join(root, 'absent.json')),
    add('relay', join(root, 'text.json')),
    add('relay', join(root, 'large.json')),
  ]);
  expect([nowhere.code, absent.code, text.code, large.code]).toEqual([78, 78, 78, 65]);
  expect(nowhere.stderr).toMatch(/^zhida: ZD_ERR_KEY_MISSING .*\n$/);
  for (const { stderr } of [absent, text]) expect(stderr).toMatch(/^zhida: ZD_ERR_TRUST_FILE .*\n$/);
  expect(text.stderr).not.toContain('张测试');
  await chmod(join(root, 'relay', 'keys.json'), 0o644);
  const open = await zhida(['trust', 'list', '--directory', join(root, 'relay')]);
  expect(open.code).toBe(78);
  expect(open.stderr).toMatch(/^zhida: ZD_ERR_KEY_FILE .*is open to other users.*\n$/);
});

test('a name, role, mode, address or time that is none is refused before anything is written', async () => {
  const { root, create } = await place();
  const results = await Promise.all([
    create('a', 'agency:../../etc'),
    create('b', 'judge:x'),
    create('c', POLICE, 'exercise'),
    zhida(['keys', 'create', '--directory', join(root, 'd'), '--party', POLICE, '--role', 'relay', '--mode', 'test']),
  ]);
  expect(results.map(({ code }) => code)).toEqual([78, 64, 64, 78]);
  expect(await readdir(root)).toEqual([]);
  await create('relay', 'relay:county');
  const exportWith = (...more: string[]) => zhida(['keys', 'export', '--directory', join(root, 'relay'), ...more]);
  const exports = await Promise.all([
    exportWith('--base-url', 'relay.example'),
    exportWith('--base-url', 'http://127.0.0.1', '--not-after', '2030-01-01'),
    exportWith('--base-url', 'http://127.0.0.1', '--output', join(root, 'no-such-folder', 'trust.json')),
  ]);
  expect(exports.map(({ code, stdout }) => [code, stdout])).toEqual([
    [78, ''],
    [78, ''],
    [78, ''],
  ]);
});

test.runIf(process.platform !== 'win32')('the folder is 0700 and its files 0600, whatever the umask of the shell', async () => {
  const { root, create } = await place();
  const before = process.umask(0o000);
  try {
    await create('police', POLICE);
  } finally {
    process.umask(before);
  }
  const modes = await Promise.all(
    ['', 'trust', 'keys.json', 'master.key'].map(async (name) => (await stat(join(root, 'police', name))).mode & 0o777),
  );
  expect(modes).toEqual([0o700, 0o700, 0o600, 0o600]);
});
