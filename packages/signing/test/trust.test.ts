import { sign } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalBytes } from '@zhida/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addTrust,
  exportTrustFile,
  type KeyDirectory,
  openKeyDirectory,
  readTrustFile,
  type TrustFile,
  trustFingerprint,
} from '../src/index.js';
import { DAY, makeParty, NOW, testClock, trust, trustFileOf } from './parties.js';

async function relayAndFile(): Promise<{ relay: KeyDirectory; agency: KeyDirectory; file: TrustFile; fingerprint: string }> {
  const relay = await makeParty('relay:county');
  const agency = await makeParty('agency:police-440299');
  const file = trustFileOf(agency);
  return { relay, agency, file, fingerprint: trustFingerprint(file) };
}

describe('adding trust', () => {
  test('pins the party under the fingerprint read out, and a reopened directory still knows it', async () => {
    const { relay, agency, file, fingerprint } = await relayAndFile();
    const { trusted, change } = await addTrust(relay, file, { fingerprint });
    expect(change).toBe('added');
    expect(trusted.sigKeys.map(({ kid }) => kid)).toEqual([agency.signingKey.kid]);
    expect(trusted.encKey(NOW)?.kid).toBe(agency.encryptionKeys[0]?.kid);
    expect(trusted.restrictedKey(NOW)?.kid).toBe(agency.restrictedKeys[0]?.kid);
    const reopened = await openKeyDirectory(relay.directory);
    expect(reopened.trusted.all().map(({ party, baseUrl }) => [party, baseUrl])).toEqual([
      ['agency:police-440299', 'http://127.0.0.1:7421'],
    ]);
    expect(await readFile(join(relay.directory, 'trust', 'agency_police-440299.json'), 'utf8')).toContain(agency.signingKey.kid);
  });

  test('the same file twice changes nothing', async () => {
    const { relay, file, fingerprint } = await relayAndFile();
    await addTrust(relay, file, { fingerprint });
    expect((await addTrust(relay, file, { fingerprint })).change).toBe('unchanged');
    expect((await addTrust(relay, file)).change).toBe('unchanged');
  });

  test('the fingerprint may be typed in any case, with or without dashes, O for 0 and I or L for 1', async () => {
    const { relay, file, fingerprint } = await relayAndFile();
    expect(fingerprint).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}$/);
    const typed = fingerprint.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
    expect((await addTrust(relay, file, { fingerprint: typed })).change).toBe('added');
  });

  test('another fingerprint, a part of it, or none pins nobody', async () => {
    const { relay, file, fingerprint } = await relayAndFile();
    const other = fingerprint.startsWith('A') ? `B${fingerprint.slice(1)}` : `A${fingerprint.slice(1)}`;
    for (const options of [{ fingerprint: other }, { fingerprint: fingerprint.slice(0, 4) }, { fingerprint: '' }, {}]) {
      await expect(addTrust(relay, file, options)).rejects.toMatchObject({ code: 'ZD_ERR_TRUST_FINGERPRINT' });
    }
    expect(relay.trusted.all()).toEqual([]);
  });

  test('a wrong fingerprint is refused even for the file already pinned', async () => {
    const { relay, file, fingerprint } = await relayAndFile();
    await addTrust(relay, file, { fingerprint });
    await expect(addTrust(relay, file, { fingerprint: 'AAAA' })).rejects.toMatchObject({ code: 'ZD_ERR_TRUST_FINGERPRINT' });
  });

  test('INV-16 a test relay refuses a production trust file, and a production relay a test one', async () => {
    const [testRelay, productionRelay] = [await makeParty('relay:county'), await makeParty('relay:county', 'production')];
    const [testFile, productionFile] = [
      trustFileOf(await makeParty('agency:police-440299')),
      trustFileOf(await makeParty('agency:police-440299', 'production')),
    ];
    const first = addTrust(testRelay, productionFile, { fingerprint: trustFingerprint(productionFile) });
    await expect(first).rejects.toMatchObject({ code: 'ZD_ERR_MODE_REFUSED' });
    const second = addTrust(productionRelay, testFile, { fingerprint: trustFingerprint(testFile) });
    await expect(second).rejects.toMatchObject({ code: 'ZD_ERR_MODE_REFUSED' });
    // Nothing of it was written either: a file of the other mode in the folder would stop the next start.
    for (const { directory } of [testRelay, productionRelay]) {
      expect(await readdir(join(directory, 'trust'))).toEqual([]);
      expect((await openKeyDirectory(directory)).trusted.all()).toEqual([]);
    }
  });

  test('INV-16 a trust file of the other mode laid into the folder by hand stops the directory from opening', async () => {
    const relay = await makeParty('relay:county');
    const file = trustFileOf(await makeParty('agency:police-440299', 'production'));
    await writeFile(join(relay.directory, 'trust', 'agency_police-440299.json'), JSON.stringify(file), { mode: 0o600 });
    await expect(openKeyDirectory(relay.directory)).rejects.toMatchObject({ code: 'ZD_ERR_MODE_REFUSED' });
  });

  test('a file before or after its time, or our own, is refused', async () => {
    const { relay, agency } = await relayAndFile();
    for (const file of [trustFileOf(agency, NOW - 2 * DAY, NOW - DAY), trustFileOf(agency, NOW + DAY, NOW + 2 * DAY), trustFileOf(relay)]) {
      await expect(addTrust(relay, file, { fingerprint: trustFingerprint(file) })).rejects.toMatchObject({ code: 'ZD_ERR_TRUST_FILE' });
    }
  });

  test('a file that lapsed after it was pinned names no key to encrypt to', async () => {
    const { relay, agency } = await relayAndFile();
    const trusted = await trust(relay, agency);
    expect([trusted.encKey(NOW + 366 * DAY), trusted.restrictedKey(NOW + 366 * DAY)]).toEqual([undefined, undefined]);
  });

  test('two parties that share the tail of a name are kept apart, and a pinned file under another name is refused', async () => {
    const relay = await makeParty('relay:county');
    await trust(relay, await makeParty('agency:a_b'));
    await trust(relay, await makeParty('gateway:a_b'));
    expect(relay.trusted.all().map(({ party }) => party)).toEqual(['agency:a_b', 'gateway:a_b']);
    const folder = join(relay.directory, 'trust');
    await writeFile(join(folder, 'agency_c.json'), await readFile(join(folder, 'agency_a_b.json')), { mode: 0o600 });
    await expect(relay.trusted.reload()).rejects.toMatchObject({ code: 'ZD_ERR_TRUST_FILE' });
  });

  test('a reload that fails leaves the parties known before', async () => {
    const { relay, agency } = await relayAndFile();
    await trust(relay, agency);
    await writeFile(join(relay.directory, 'trust', 'agency_other.json'), '{', { mode: 0o600 });
    await expect(relay.trusted.reload()).rejects.toMatchObject({ code: 'ZD_ERR_TRUST_FILE' });
    expect(relay.trusted.party('agency:police-440299')).toBeDefined();
  });
});

describe('reading a trust file', () => {
  test.each<[string, string, (file: Record<string, never>) => unknown]>([
    ['is no object', '$', () => 'text'],
    ['is of another version', 'v', (file) => ({ ...file, v: '2' })],
    ['names another role', 'role', (file) => ({ ...file, role: 'court' })],
    ['names a party of another role', 'party', (file) => ({ ...file, party: 'relay:county' })],
    ['names a mode that has no keys', 'mode', (file) => ({ ...file, mode: 'exercise' })],
    ['has a path to another host', 'baseUrl', (file) => ({ ...file, baseUrl: 'http://a@b' })],
    ['ends before it begins', 'notAfter', (file) => ({ ...file, notAfter: '2020-01-01T00:00:00Z' })],
    ['has a time without offset', 'notBefore', (file) => ({ ...file, notBefore: '2026-01-01T00:00:00' })],
    ['has no keys', 'jwks.keys', (file) => ({ ...file, jwks: {} })],
    ['has a signature that is no text', 'signature', (file) => ({ ...file, signature: 1 })],
    ['has a key under another id', 'jwks.keys[0].kid', (file) => changeKey(file, 0, { kid: 'mine' })],
    ['has a key for another algorithm', 'jwks.keys[0].alg', (file) => changeKey(file, 0, { alg: 'none' })],
    ['has a signing key on the other curve', 'jwks.keys[0]', (file) => changeKey(file, 0, { crv: 'X25519' })],
    ['has the same key twice', 'jwks.keys[1].kid', (file) => ({ ...file, jwks: { keys: [keysOf(file)[0], ...keysOf(file)] } })],
    ['lacks a restricted key', 'jwks.keys (restricted)', (file) => ({ ...file, jwks: { keys: keysOf(file).slice(0, 2) } })],
  ])('refuses one that %s', async (_why, at, change) => {
    const { file } = await relayAndFile();
    const changed = change(JSON.parse(JSON.stringify(file)) as Record<string, never>);
    expect(() => readTrustFile(changed)).toThrow(expect.objectContaining({ code: 'ZD_ERR_TRUST_FILE', at }));
  });

  test('refuses one that holds a private key and does not repeat it', async () => {
    const { file } = await relayAndFile();
    const leaked = changeKey(file as unknown as Record<string, never>, 1, { d: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlYw' });
    const error = expect.objectContaining({ code: 'ZD_ERR_TRUST_FILE', message: expect.not.stringContaining('c2Vj') as string });
    expect(() => readTrustFile(leaked)).toThrow(error);
  });

  test('takes members and kinds of keys it does not know, because later versions only add', async () => {
    const { relay, file } = await relayAndFile();
    const later = { ...file, note: 'new', jwks: { keys: [...file.jwks.keys, { kty: 'EC', kid: 'sm2-1', purpose: 'sm2-sig' }] } };
    const { trusted } = await addTrust(relay, later, { fingerprint: trustFingerprint(readTrustFile(later)) });
    expect(trusted.sigKeys).toHaveLength(1);
  });

  test('never throws anything but a ZhidaError, whatever JSON it is given', async () => {
    const { file } = await relayAndFile();
    const names = fc.constantFrom(...Object.keys(file));
    fc.assert(
      fc.property(names, fc.jsonValue({ maxDepth: 4 }), (name, value) => {
        try {
          readTrustFile({ ...file, [name]: value });
        } catch (error) {
          expect(error).toMatchObject({ name: 'ZhidaError', code: 'ZD_ERR_TRUST_FILE' });
        }
      }),
    );
  });

  test('any changed member changes the fingerprint, the signature member alone does not', async () => {
    const { file, fingerprint } = await relayAndFile();
    expect(trustFingerprint({ ...file, baseUrl: 'http://127.0.0.1:7422' })).not.toBe(fingerprint);
    expect(trustFingerprint({ ...file, notAfter: '2099-01-01T00:00:00Z' })).not.toBe(fingerprint);
    const { signature: _, ...unsigned } = file;
    expect(trustFingerprint(unsigned)).toBe(fingerprint);
  });
});

function keysOf(file: Record<string, unknown>): Record<string, unknown>[] {
  return (file['jwks'] as { keys: Record<string, unknown>[] }).keys;
}

function changeKey(file: Record<string, unknown>, index: number, change: Record<string, unknown>): unknown {
  return { ...file, jwks: { keys: keysOf(file).map((key, position) => (position === index ? { ...key, ...change } : key)) } };
}

describe('a trust file signed by a pinned key', () => {
  const clock = testClock();
  const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
  const exportOf = (keys: KeyDirectory, notBefore: number, baseUrl = 'http://127.0.0.1:7431') =>
    exportTrustFile(keys, { baseUrl, notBefore: iso(notBefore), notAfter: iso(NOW + 365 * DAY) });

  test('replaces the one pinned without a telephone call', async () => {
    const relay = await makeParty('relay:county', 'test', clock);
    const agency = await makeParty('agency:police-440299', 'test', clock);
    await trust(relay, agency);
    const { trusted, change } = await addTrust(relay, exportOf(agency, NOW));
    expect([change, trusted.baseUrl]).toEqual(['replaced', 'http://127.0.0.1:7431']);
  });

  test('is refused when a byte of it or of its signature is another, or another party signed it', async () => {
    const relay = await makeParty('relay:county', 'test', clock);
    const agency = await makeParty('agency:police-440299', 'test', clock);
    const stranger = await makeParty('agency:police-440299', 'test', clock);
    await trust(relay, agency);
    const file = exportOf(agency, NOW);
    const signature = file.signature ?? '';
    const flipped = signature.slice(0, -5) + (signature.at(-5) === 'A' ? 'B' : 'A') + signature.slice(-4);
    const forged: TrustFile[] = [
      { ...file, baseUrl: 'http://127.0.0.1:9999' },
      { ...file, signature: flipped },
      { ...file, signature: signature.replace('..', '.e30.') },
      { ...file, signature: `${signature}.` },
      { ...file, signature: `${signature}=` },
      { ...file, signature: `${signature}\n` },
      { ...file, signature: '' },
      { ...exportOf(stranger, NOW) },
    ];
    for (const candidate of forged) {
      await expect(addTrust(relay, candidate)).rejects.toMatchObject({ code: 'ZD_ERR_TRUST_FINGERPRINT' });
    }
  });

  test('is refused when the pinned key signed the same bytes as a message of another kind', async () => {
    const relay = await makeParty('relay:county', 'test', clock);
    const agency = await makeParty('agency:police-440299', 'test', clock);
    await trust(relay, agency);
    const { signature: _, ...unsigned } = exportOf(agency, NOW);
    const { kid, privateKey } = agency.signingKey;
    const signAs = (header: object): TrustFile => {
      const [head, body] = [Buffer.from(JSON.stringify(header)), canonicalBytes(unsigned)].map((part) =>
        Buffer.from(part).toString('base64url'),
      );
      const bytes = sign(null, Buffer.from(`${head}.${body}`), privateKey);
      return { ...unsigned, signature: `${head}..${bytes.toString('base64url')}` };
    };
    for (const header of [
      { alg: 'EdDSA', typ: 'zhida-receipt+jws', kid },
      { alg: 'EdDSA', kid },
      { alg: 'none', typ: 'zhida-trust+jws', kid },
      { alg: 'EdDSA', typ: 'zhida-trust+jws', kid, crit: ['x'], x: 1 },
      { alg: 'EdDSA', typ: 'zhida-trust+jws', kid: 'another' },
    ]) {
      await expect(addTrust(relay, signAs(header))).rejects.toMatchObject({ code: 'ZD_ERR_TRUST_FINGERPRINT' });
    }
    expect((await addTrust(relay, signAs({ alg: 'EdDSA', typ: 'zhida-trust+jws', kid }))).change).toBe('replaced');
  });

  test('is refused when it is not newer than the one pinned, so that a key taken out does not come back', async () => {
    const relay = await makeParty('relay:county', 'test', clock);
    const agency = await makeParty('agency:police-440299', 'test', clock);
    const [older, newer] = [exportOf(agency, NOW - 3600_000), exportOf(agency, NOW - 1800_000)];
    await addTrust(relay, newer, { fingerprint: trustFingerprint(newer) });
    await expect(addTrust(relay, older)).rejects.toMatchObject({ code: 'ZD_ERR_TRUST_FILE', at: 'notBefore' });
    expect((await addTrust(relay, older, { fingerprint: trustFingerprint(older) })).change).toBe('replaced');
  });
});
