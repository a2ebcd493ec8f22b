import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createKeyDirectory, exportTrustFile, jwksOf, type KeyDirectory, openKeyDirectory } from '../src/index.js';
import { makeParty, NOW, scratch, testClock, trustFileOf } from './parties.js';

const AGENCY = { party: 'agency:police-440299', role: 'agency', mode: 'test' } as const;
const posix = process.platform !== 'win32';

async function privateValues(directory: string): Promise<string[]> {
  const { keys } = JSON.parse(await readFile(join(directory, 'keys.json'), 'utf8')) as { keys: { d: string }[] };
  const master = await readFile(join(directory, 'master.key'), 'utf8').catch(() => '');
  return [...keys.map(({ d }) => d), master.trim()].filter((value) => value !== '');
}

describe('a key directory', () => {
  test('holds signing, encryption and restricted keys and a master key for an agency', async () => {
    const keys = await makeParty(AGENCY.party);
    expect([keys.signingKeys.length, keys.encryptionKeys.length, keys.restrictedKeys.length]).toEqual([1, 1, 1]);
    expect(keys.masterKey).toHaveLength(32);
    expect(keys.trusted.all()).toEqual([]);
  });

  test('holds no restricted key for a relay and no master key for a HIS', async () => {
    expect((await makeParty('relay:county')).restrictedKeys).toEqual([]);
    expect((await makeParty('his:county-hospital')).masterKey).toBeUndefined();
  });

  test.runIf(posix)('is a 0700 folder of 0600 files, and makes an empty open folder private', async () => {
    const directory = join(await scratch(), 'keys');
    await mkdir(directory, { mode: 0o755 });
    await createKeyDirectory(directory, AGENCY);
    const modes = await Promise.all(
      ['.', 'trust', 'keys.json', 'master.key'].map(async (name) => (await stat(join(directory, name))).mode & 0o777),
    );
    expect(modes).toEqual([0o700, 0o700, 0o600, 0o600]);
  });

  test.runIf(posix)('is not made in a folder that holds other things and is open to other users', async () => {
    const directory = await scratch();
    await writeFile(join(directory, 'notes.txt'), '');
    await chmod(directory, 0o755);
    await expect(createKeyDirectory(directory, AGENCY)).rejects.toMatchObject({ code: 'ZD_ERR_KEY_FILE' });
    expect(await readdir(directory)).toEqual(['notes.txt']);
  });

  test.runIf(posix).each([
    ['.', 0o750],
    ['.', 0o701],
    ['keys.json', 0o640],
    ['keys.json', 0o604],
    ['master.key', 0o644],
  ])('is not opened when %s has mode %o', async (name, mode) => {
    const { directory } = await makeParty(AGENCY.party);
    await chmod(join(directory, name), mode);
    await expect(openKeyDirectory(directory)).rejects.toMatchObject({ code: 'ZD_ERR_KEY_FILE' });
  });

  test.runIf(posix)('is not opened when others can change whom it trusts', async () => {
    const { directory } = await makeParty(AGENCY.party);
    const file = join(directory, 'trust', 'relay_county.json');
    await writeFile(file, JSON.stringify(trustFileOf(await makeParty('relay:county'))));
    await chmod(file, 0o644);
    expect((await openKeyDirectory(directory)).trusted.all()).toHaveLength(1);
    await chmod(file, 0o666);
    await expect(openKeyDirectory(directory)).rejects.toMatchObject({ code: 'ZD_ERR_KEY_FILE' });
    await chmod(file, 0o600);
    await chmod(join(directory, 'trust'), 0o777);
    await expect(openKeyDirectory(directory)).rejects.toMatchObject({ code: 'ZD_ERR_KEY_FILE' });
  });

  test('made a second time keeps every byte', async () => {
    const { directory } = await makeParty(AGENCY.party);
    const before = await privateValues(directory);
    await createKeyDirectory(directory, AGENCY);
    expect(await privateValues(directory)).toEqual(before);
  });

  test('made by ten at once has one set of keys, and all ten hold it', async () => {
    const directory = join(await scratch(), 'keys');
    const all = await Promise.all(Array.from({ length: 10 }, () => createKeyDirectory(directory, AGENCY)));
    expect(new Set(all.map((keys) => keys.signingKey.kid)).size).toBe(1);
    expect(new Set(all.map((keys) => Buffer.from(keys.masterKey ?? []).toString('hex'))).size).toBe(1);
    expect((await readdir(directory)).sort()).toEqual(['keys.json', 'master.key', 'trust']);
  });

  test('of another party, role or mode is not taken over', async () => {
    const { directory } = await makeParty(AGENCY.party);
    const other = createKeyDirectory(directory, { ...AGENCY, party: 'agency:civil-affairs-440299' });
    await expect(other).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID' });
    await expect(createKeyDirectory(directory, { ...AGENCY, mode: 'production' })).rejects.toMatchObject({ code: 'ZD_ERR_MODE_REFUSED' });
  });

  test.each(['agency', 'agency:', 'agency:../x', 'relay:x', 'agency:a b', 'agency:.hidden', `agency:${'a'.repeat(65)}`])(
    'is not made for the name %s',
    async (party) => {
      const directory = join(await scratch(), 'keys');
      await expect(createKeyDirectory(directory, { ...AGENCY, party })).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID' });
    },
  );

  test('that lost its master key says so and does not make another', async () => {
    const { directory } = await makeParty(AGENCY.party);
    await rm(join(directory, 'master.key'));
    await expect(openKeyDirectory(directory)).rejects.toMatchObject({ code: 'ZD_ERR_KEY_MISSING' });
    await expect(createKeyDirectory(directory, AGENCY)).rejects.toMatchObject({ code: 'ZD_ERR_KEY_MISSING' });
  });

  test('that is not there is not opened', async () => {
    await expect(openKeyDirectory(join(await scratch(), 'nowhere'))).rejects.toMatchObject({ code: 'ZD_ERR_KEY_MISSING' });
  });

  test.each<[string, (file: Record<string, unknown>) => unknown]>([
    ['is cut short', (file) => JSON.stringify(file).slice(0, -20)],
    ['is a list', () => []],
    ['is of another version', (file) => ({ ...file, v: '2' })],
    ['names no role', (file) => ({ ...file, role: 'judge' })],
    ['names a party of another role', (file) => ({ ...file, party: 'relay:county' })],
    ['names another mode', (file) => ({ ...file, mode: 'exercise' })],
    ['holds no keys', (file) => ({ ...file, keys: [] })],
    ['holds a key under another id', (file) => ({ ...file, keys: keysOf(file).map((key) => ({ ...key, kid: 'mine' })) })],
    ['holds halves of two keys', (file) => ({ ...file, keys: keysOf(file).map((key) => ({ ...key, d: 'A'.repeat(43) })) })],
    ['has an end to every key', (file) => ({ ...file, keys: keysOf(file).map((key) => ({ ...key, notAfter: '2027-01-01T00:00:00Z' })) })],
    ['holds a time that is none', (file) => ({ ...file, keys: keysOf(file).map((key) => ({ ...key, notBefore: 'soon' })) })],
  ])('is not opened when keys.json %s, and the error holds nothing of it', async (_why, change) => {
    const { directory } = await makeParty(AGENCY.party);
    const path = join(directory, 'keys.json');
    const secrets = await privateValues(directory);
    const changed = change(JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>);
    await writeFile(path, typeof changed === 'string' ? changed : JSON.stringify(changed));
    const error: unknown = await openKeyDirectory(directory).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ZD_ERR_KEY_FILE' });
    for (const secret of secrets) expect(inspect(error, { depth: 10 })).not.toContain(secret.slice(0, 12));
  });

  test.each(['AAAA', 'not base64url!', ''])('is not opened when the master key is %j', async (text) => {
    const { directory } = await makeParty(AGENCY.party);
    await writeFile(join(directory, 'master.key'), text);
    await expect(openKeyDirectory(directory)).rejects.toMatchObject({ code: 'ZD_ERR_KEY_FILE' });
  });
});

function keysOf(file: Record<string, unknown>): Record<string, unknown>[] {
  return file['keys'] as Record<string, unknown>[];
}

describe('private keys', () => {
  test('INV-16 an agency’s private keys appear in nothing it exports, logs or prints', async () => {
    const keys = await makeParty(AGENCY.party, 'test', testClock());
    const shown = [
      JSON.stringify(trustFileOf(keys)),
      JSON.stringify(jwksOf(keys)),
      JSON.stringify(keys),
      JSON.stringify(keys.signingKeys),
      JSON.stringify({ ...keys }),
      inspect(keys, { depth: 20, showHidden: true }),
      inspect(keys.restrictedKeys, { depth: 20, showHidden: true }),
    ].join('\n');
    const secrets = await privateValues(keys.directory);
    expect(secrets).toHaveLength(4);
    for (const secret of secrets) {
      const bytes = Buffer.from(secret, 'base64url');
      for (const form of [secret, bytes.toString('hex'), bytes.toString('base64'), [...bytes].join(','), inspect(bytes).slice(8, 60)]) {
        expect(shown).not.toContain(form);
      }
    }
    expect(shown).not.toContain('"d"');
  });

  test('a base URL with credentials, a query or no host is not exported', async () => {
    const keys = await makeParty('relay:county');
    const exportTo = (baseUrl: string, of: KeyDirectory = keys) =>
      exportTrustFile(of, { baseUrl, notBefore: new Date(NOW).toISOString(), notAfter: new Date(NOW + 1000).toISOString() });
    for (const baseUrl of [
      'http://user:word@relay.example',
      'https://relay.example/?a=1',
      'https://relay.example/#x',
      'ftp://relay.example',
      'relay',
    ]) {
      expect(() => exportTo(baseUrl)).toThrow(expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID' }));
    }
    expect(exportTo('https://relay.example/zhida//').baseUrl).toBe('https://relay.example/zhida');
    expect(() => exportTrustFile(keys, { baseUrl: 'http://relay.example', notBefore: '2026-01-01', notAfter: '2027-01-01' })).toThrow(
      expect.objectContaining({ code: 'ZD_ERR_TRUST_FILE', at: 'notBefore' }),
    );
  });
});
