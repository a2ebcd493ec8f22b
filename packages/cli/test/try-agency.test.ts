import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReceiver, receiverPlugin } from '@zhida/receiver';
import { openFileInbox } from '@zhida/receiver/file';
import { addTrust, createKeyDirectory, exportTrustFile, type KeyDirectory, type KeyMode, trustFingerprint } from '@zhida/signing';
import fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tryAgency } from '../src/commands/try-agency.js';

const AGENCY = 'agency:police-440299';
const app = fastify();
let root: string;
let url: string;
let agency: KeyDirectory;

async function pin(keys: KeyDirectory, other: KeyDirectory, baseUrl: string): Promise<void> {
  const file = exportTrustFile(other, { baseUrl, notBefore: '2026-01-01T00:00:00Z', notAfter: '2036-01-01T00:00:00Z' });
  await addTrust(keys, file, { fingerprint: trustFingerprint(file) });
}

async function trialRelay(name: string, mode: KeyMode = 'test'): Promise<KeyDirectory> {
  return createKeyDirectory(join(root, name), { party: `relay:${name}`, role: 'relay', mode });
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'zhida-try-'));
  agency = await createKeyDirectory(join(root, 'agency'), { party: AGENCY, role: 'agency', mode: 'test' });
  const inbox = await openFileInbox({ directory: join(root, 'inbox'), keys: agency });
  await app.register(receiverPlugin, { receiver: createReceiver({ keys: agency, inbox }), keys: agency });
  app.addHook('onClose', () => inbox.close());
  url = await app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await app.close();
  await rm(root, { recursive: true, force: true });
});

test('an agency that has pinned the trial relay answers with a receipt of its own that verifies', async () => {
  const relay = await trialRelay('trial');
  await pin(relay, agency, url);
  await pin(agency, relay, 'http://127.0.0.1:9');
  await expect(tryAgency({ keys: relay.directory, agency: AGENCY, view: 'police' })).resolves.toMatchObject({
    iss: AGENCY,
    aud: 'relay:trial',
    stage: 'stored',
    mode: 'test',
  });
});

test('says what is missing: a pinned agency, a pinned relay, an address that answers, test keys', async () => {
  const stranger = await trialRelay('stranger');
  const asked = { keys: stranger.directory, agency: AGENCY, view: 'police' } as const;
  await expect(tryAgency(asked)).rejects.toMatchObject({ code: 'ZD_ERR_PARTY_UNKNOWN', at: 'agency' });
  await pin(stranger, agency, url);
  await expect(tryAgency(asked)).rejects.toThrow('it answered HTTP 401 ZD_ERR_SIGNATURE_MISMATCH and no receipt');
  const away = await trialRelay('away');
  await pin(away, agency, 'http://127.0.0.1:9');
  await expect(tryAgency({ ...asked, keys: away.directory })).rejects.toMatchObject({ code: 'ZD_ERR_BUSY', at: AGENCY });
  const real = await trialRelay('real', 'production');
  await expect(tryAgency({ ...asked, keys: real.directory })).rejects.toMatchObject({ code: 'ZD_ERR_MODE_REFUSED' });
});
