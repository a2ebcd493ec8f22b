import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@zhida/core';
import { addTrust, createKeyDirectory, exportTrustFile, type KeyDirectory, type KeyMode, trustFingerprint } from '@zhida/signing';

/** Key directories of one test's parties, each apart, met by trust files as in life. */
export interface Parties {
  readonly directory: string;
  readonly relay: KeyDirectory;
  readonly gateway: KeyDirectory;
  readonly police: KeyDirectory;
  readonly civilAffairs: KeyDirectory;
  /** Lets `by` trust `party` at this address. */
  introduce(party: KeyDirectory, by: KeyDirectory, baseUrl: string): Promise<void>;
  remove(): Promise<void>;
}

const UNUSED_ADDRESS = 'http://127.0.0.1:9';

export async function makeParties(
  clock: Clock,
  addresses: { police?: string; civilAffairs?: string },
  mode: KeyMode = 'test',
): Promise<Parties> {
  const directory = await mkdtemp(join(tmpdir(), 'zhida-relay-'));
  const keysOf = (party: string, role: 'relay' | 'gateway' | 'agency'): Promise<KeyDirectory> =>
    createKeyDirectory(join(directory, party.replace(':', '_')), { party, role, mode, clock });
  const relay = await keysOf('relay:yunxi', 'relay');
  const gateway = await keysOf('gateway:yunxi', 'gateway');
  const police = await keysOf('agency:police-440299', 'agency');
  const civilAffairs = await keysOf('agency:civil-affairs-440299', 'agency');
  const introduce = async (party: KeyDirectory, by: KeyDirectory, baseUrl: string): Promise<void> => {
    const file = exportTrustFile(party, { baseUrl, notBefore: '2026-01-01T00:00:00Z', notAfter: '2036-01-01T00:00:00Z' });
    await addTrust(by, file, { fingerprint: trustFingerprint(file) });
  };
  await introduce(gateway, relay, UNUSED_ADDRESS);
  for (const [agency, address] of [
    [police, addresses.police],
    [civilAffairs, addresses.civilAffairs],
  ] as const) {
    if (address !== undefined) await introduce(agency, relay, address);
    await introduce(relay, agency, UNUSED_ADDRESS);
  }
  return { directory, relay, gateway, police, civilAffairs, introduce, remove: () => rm(directory, { recursive: true, force: true }) };
}
