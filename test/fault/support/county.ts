import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@zhida/core';
import { type OpenDatabase, openDatabase } from '@zhida/database';
import type { RelaySchema } from '@zhida/relay';
import { addTrust, createKeyDirectory, exportTrustFile, type KeyDirectory, trustFingerprint } from '@zhida/signing';
import { createTestDatabase } from '@zhida/testkit';
import { type Agency, openAgency } from './agency.js';
import { CIVIL_AFFAIRS, GATEWAY, POLICE, RELAY } from './profile.js';

/** Everything around a relay: its keys, its ledger's database, its gateway's keys and two real agencies. */
export interface County {
  readonly clock: Clock;
  readonly relayKeys: KeyDirectory;
  readonly gatewayKeys: KeyDirectory;
  readonly police: Agency;
  readonly civilAffairs: Agency;
  readonly ledgerUrl: string;
  readonly dataDirectory: string;
  /** A look into the ledger from outside of any relay. */
  readonly ledger: OpenDatabase<RelaySchema>;
  close(): Promise<void>;
}

export interface CountyOptions {
  /** Where the agencies send what they say later. @defaultValue an address nobody listens on */
  readonly relayUrl?: string;
  /** An empty database for the ledger. @defaultValue one on the server that all tests share */
  readonly ledgerUrl?: string;
}

const NOBODY = 'http://127.0.0.1:9';

export async function openCounty(clock: Clock, { relayUrl = NOBODY, ledgerUrl }: CountyOptions = {}): Promise<County> {
  const root = await mkdtemp(join(tmpdir(), 'zhida-fault-'));
  const keysOf = (party: string, role: 'relay' | 'gateway' | 'agency'): Promise<KeyDirectory> =>
    createKeyDirectory(join(root, party.replace(':', '_')), { party, role, mode: 'test', clock });
  const relayKeys = await keysOf(RELAY, 'relay');
  const gatewayKeys = await keysOf(GATEWAY, 'gateway');
  const agencyKeys = { police: await keysOf(POLICE, 'agency'), civilAffairs: await keysOf(CIVIL_AFFAIRS, 'agency') };
  const police = await openAgency(() => agencyKeys.police, clock);
  const civilAffairs = await openAgency(() => agencyKeys.civilAffairs, clock);
  await introduce(gatewayKeys, relayKeys, NOBODY);
  await introduce(agencyKeys.police, relayKeys, police.url);
  await introduce(agencyKeys.civilAffairs, relayKeys, civilAffairs.url);
  await introduce(relayKeys, agencyKeys.police, relayUrl);
  await introduce(relayKeys, agencyKeys.civilAffairs, relayUrl);
  const test = ledgerUrl === undefined ? await createTestDatabase() : { url: ledgerUrl, drop: async () => undefined };
  const ledger = openDatabase<RelaySchema>({ url: test.url, applicationName: 'onlooker', maxConnections: 2 });
  return {
    clock,
    relayKeys,
    gatewayKeys,
    police,
    civilAffairs,
    ledgerUrl: test.url,
    dataDirectory: join(root, 'data'),
    ledger,
    async close() {
      await Promise.all([police.close(), civilAffairs.close()]);
      await ledger.close();
      await test.drop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Lets `to` pin `party` at this address. */
export async function introduce(party: KeyDirectory, to: KeyDirectory, baseUrl: string): Promise<void> {
  const file = exportTrustFile(party, { baseUrl, notBefore: '2026-01-01T00:00:00Z', notAfter: '2036-01-01T00:00:00Z' });
  await addTrust(to, file, { fingerprint: trustFingerprint(file) });
}
