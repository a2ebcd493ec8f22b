import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@zhida/core';
import { addTrust, createKeyDirectory, exportTrustFile, type KeyDirectory, type KeyMode, trustFingerprint } from '@zhida/signing';

export interface Pair {
  readonly relay: KeyDirectory;
  readonly agency: KeyDirectory;
  readonly root: string;
  remove(): Promise<void>;
}

/** A relay and an agency with real key directories that have pinned each other, as two administrators do by telephone. */
export async function makePair(
  clock: Clock,
  { mode = 'test', relayUrl = 'http://127.0.0.1:9' }: { mode?: KeyMode; relayUrl?: string } = {},
): Promise<Pair> {
  const root = await mkdtemp(join(tmpdir(), 'zhida-receiver-'));
  const relay = await createKeyDirectory(join(root, 'relay'), { party: 'relay:yunxi', role: 'relay', mode, clock });
  const agency = await createKeyDirectory(join(root, 'agency'), { party: 'agency:police-440299', role: 'agency', mode, clock });
  await pin(agency, relay, relayUrl);
  await pin(relay, agency, 'http://127.0.0.1:9');
  return { relay, agency, root, remove: () => rm(root, { recursive: true, force: true }) };
}

/** `keys` pins `other`, whose trust file says where it listens. */
export async function pin(keys: KeyDirectory, other: KeyDirectory, baseUrl: string): Promise<void> {
  const file = exportTrustFile(other, { baseUrl, notBefore: '2026-01-01T00:00:00Z', notAfter: '2036-01-01T00:00:00Z' });
  await addTrust(keys, file, { fingerprint: trustFingerprint(file) });
}
