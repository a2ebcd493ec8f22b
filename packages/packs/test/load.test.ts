import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { legalPack, nationalRulePack } from '@zhida/packs';
import { loadLegalPack, loadRulePack, signedBytes } from '@zhida/packs/load';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zhida-packs-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function store(name: string, value: unknown): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
}

describe('reading a pack from a file', () => {
  it('gives back an intact rule pack and an intact legal pack', async () => {
    expect(await loadRulePack(await store('rules.json', nationalRulePack))).toEqual(nationalRulePack);
    expect(await loadLegalPack(await store('legal.json', legalPack))).toEqual(legalPack);
  });

  it('refuses a pack of which one word was changed', async () => {
    const file = await store('changed.json', { ...nationalRulePack, version: '9999.1.0' });
    await expect(loadRulePack(file)).rejects.toMatchObject({ code: 'ZD_ERR_PACK_INVALID', at: 'digest' });
  });

  it.each([
    ['not json', '{'],
    ['an array', '[]'],
    ['no manifest', '{"id":"x"}'],
    ['nothing', ''],
  ])('refuses %s', async (_name, text) => {
    await expect(loadRulePack(await store('odd.json', text))).rejects.toMatchObject({ code: 'ZD_ERR_PACK_INVALID' });
  });

  it('refuses a legal pack in place of a rule pack', async () => {
    await expect(loadRulePack(await store('other.json', legalPack))).rejects.toMatchObject({ code: 'ZD_ERR_PACK_INVALID' });
  });

  it('takes a signed pack under the right key, and nothing unsigned or signed by another when a key is given', async () => {
    const ours = generateKeyPairSync('ed25519');
    const theirs = generateKeyPairSync('ed25519');
    const publicKey = ours.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const file = await store('signed.json', nationalRulePack);
    await expect(loadRulePack(file, { publicKey })).rejects.toMatchObject({ code: 'ZD_ERR_PACK_INVALID' });
    await writeFile(`${file}.sig`, sign(null, signedBytes(nationalRulePack), theirs.privateKey).toString('base64url'));
    await expect(loadRulePack(file, { publicKey })).rejects.toMatchObject({ code: 'ZD_ERR_PACK_INVALID' });
    await writeFile(`${file}.sig`, sign(null, signedBytes(nationalRulePack), ours.privateKey).toString('base64url'));
    expect((await loadRulePack(file, { publicKey })).id).toBe('cn-national');
  });
});
