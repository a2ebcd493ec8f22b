import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@zhida/core';
import {
  addTrust,
  createKeyDirectory,
  exportTrustFile,
  type KeyDirectory,
  type KeyMode,
  type PartyRole,
  trustFingerprint,
} from '@zhida/signing';

/** Key directories of one test's parties, each apart, met by trust files as in life. */
export interface Parties {
  readonly his: KeyDirectory;
  readonly gateway: KeyDirectory;
  readonly relay: KeyDirectory;
  /** A gateway of another hospital, trusted here as a neighbour would be. */
  readonly neighbour: KeyDirectory;
  /** Lets `by` trust `party` at this address. */
  introduce(party: KeyDirectory, by: KeyDirectory, baseUrl?: string): Promise<void>;
  /** Another key directory under the test's folder. */
  keysOf(party: string, role: PartyRole): Promise<KeyDirectory>;
  remove(): Promise<void>;
}

const UNUSED_ADDRESS = 'http://127.0.0.1:9';

export async function makeParties(clock: Clock, mode: KeyMode = 'test'): Promise<Parties> {
  const directory = await mkdtemp(join(tmpdir(), 'zhida-gateway-keys-'));
  let made = 0;
  const keysOf = (party: string, role: PartyRole): Promise<KeyDirectory> => {
    made += 1;
    return createKeyDirectory(join(directory, `${made}-${party.replace(':', '_')}`), { party, role, mode, clock });
  };
  const introduce: Parties['introduce'] = async (party, by, baseUrl = UNUSED_ADDRESS) => {
    const file = exportTrustFile(party, { baseUrl, notBefore: '2026-01-01T00:00:00Z', notAfter: '2036-01-01T00:00:00Z' });
    await addTrust(by, file, { fingerprint: trustFingerprint(file) });
  };
  const his = await keysOf('his:yunxi', 'his');
  const gateway = await keysOf('gateway:yunxi', 'gateway');
  const relay = await keysOf('relay:yunxi', 'relay');
  const neighbour = await keysOf('gateway:neighbour', 'gateway');
  await introduce(his, gateway);
  await introduce(neighbour, gateway);
  await introduce(gateway, relay);
  return { his, gateway, relay, neighbour, introduce, keysOf, remove: () => rm(directory, { recursive: true, force: true }) };
}
