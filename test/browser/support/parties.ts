import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addTrust, createKeyDirectory, exportTrustFile, type KeyDirectory, type PartyRole, trustFingerprint } from '@zhida/signing';

export const PARTIES = {
  his: 'his:yunxi',
  gateway: 'gateway:yunxi',
  relay: 'relay:yunxi',
  police: 'agency:police-440299',
  civilAffairs: 'agency:civil-affairs-440299',
} as const;

export type PartyName = keyof typeof PARTIES;
export type Keys = Readonly<Record<PartyName, KeyDirectory>>;

const NOBODY = 'http://127.0.0.1:9';

/** Keys of everybody in one folder, each apart. */
export async function makeKeys(): Promise<{ keys: Keys; directory: string; remove: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'zhida-browser-'));
  const keysOf = (name: PartyName, role: PartyRole): Promise<KeyDirectory> =>
    createKeyDirectory(join(directory, name), { party: PARTIES[name], role, mode: 'test' });
  const [his, gateway, relay, police, civilAffairs] = await Promise.all([
    keysOf('his', 'his'),
    keysOf('gateway', 'gateway'),
    keysOf('relay', 'relay'),
    keysOf('police', 'agency'),
    keysOf('civilAffairs', 'agency'),
  ]);
  return {
    keys: { his, gateway, relay, police, civilAffairs },
    directory,
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Lets `by` pin a party at this address, as `zhida trust add` does. */
export async function introduce(party: KeyDirectory, by: KeyDirectory, baseUrl = NOBODY): Promise<void> {
  const file = exportTrustFile(party, { baseUrl, notBefore: '2026-01-01T00:00:00Z', notAfter: '2036-01-01T00:00:00Z' });
  await addTrust(by, file, { fingerprint: trustFingerprint(file) });
}
