import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalBytes, type Clock } from '@zhida/core';
import { afterAll } from 'vitest';
import {
  addTrust,
  createKeyDirectory,
  type EnvelopeClaims,
  exportTrustFile,
  type KeyDirectory,
  type KeyMode,
  sha256Hex,
  type ReceiptClaims,
  roleOfParty,
  type TicketClaims,
  type TrustedParty,
  type TrustFile,
  trustFingerprint,
} from '../src/index.js';

export const NOW = Date.parse('2026-05-04T08:00:00+08:00');
export const DAY = 86_400_000;

export interface TestClock extends Clock {
  set(milliseconds: number): void;
}

export function testClock(start = NOW): TestClock {
  let now = start;
  return {
    now: () => now,
    set: (milliseconds) => {
      now = milliseconds;
    },
  };
}

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A folder that is gone after the tests of a file. */
export async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'zhida-signing-'));
  folders.push(folder);
  return folder;
}

export async function makeParty(party: string, mode: KeyMode = 'test', clock: Clock = testClock()): Promise<KeyDirectory> {
  const role = roleOfParty(party);
  if (role === undefined) throw new TypeError('a test names its parties properly');
  return createKeyDirectory(join(await scratch(), 'keys'), { party, role, mode, clock });
}

export function trustFileOf(keys: KeyDirectory, notBefore = NOW - DAY, notAfter = NOW + 365 * DAY): TrustFile {
  const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
  return exportTrustFile(keys, { baseUrl: 'http://127.0.0.1:7421', notBefore: iso(notBefore), notAfter: iso(notAfter) });
}

export async function trust(keys: KeyDirectory, other: KeyDirectory): Promise<TrustedParty> {
  const file = trustFileOf(other);
  return (await addTrust(keys, file, { fingerprint: trustFingerprint(file) })).trusted;
}

/** A relay and an agency that trust each other. */
export async function relayAndAgency(mode: KeyMode = 'test', clock: Clock = testClock()) {
  const relay = await makeParty('relay:county', mode, clock);
  const agency = await makeParty('agency:police-440299', mode, clock);
  const recipient = await trust(relay, agency);
  await trust(agency, relay);
  return { relay, agency, recipient };
}

/** A gateway and a relay that trusts it. */
export async function gatewayAndRelay(mode: KeyMode = 'test', clock: Clock = testClock()) {
  const gateway = await makeParty('gateway:county-hospital', mode, clock);
  const relay = await makeParty('relay:county', mode, clock);
  await trust(relay, gateway);
  return { gateway, relay };
}

export const ENVELOPE_CLAIMS: EnvelopeClaims = {
  v: '1',
  mode: 'test',
  iss: 'relay:county',
  aud: 'agency:police-440299',
  deliveryId: 'dlv_01jtbsv6h0abcdefghjkmnpqrs',
  reportId: 'rpt_01jtbsv6h0abcdefghjkmnpqrs',
  number: '440299-260504-010007-5',
  sequence: 1,
  kind: 'initial',
  view: 'police',
  createdAt: '2026-05-04T08:00:00+08:00',
  body: { patient: { name: '张测试' } },
  restricted: {},
};

export function payloadOf(changes: Partial<EnvelopeClaims> = {}): Uint8Array {
  return canonicalBytes({ ...ENVELOPE_CLAIMS, ...changes });
}

export const RECEIPT_CLAIMS: ReceiptClaims = {
  v: '1',
  mode: 'test',
  iss: 'agency:police-440299',
  aud: 'relay:county',
  receiptId: 'rcp_01jtbsv6h0abcdefghjkmnpqrs',
  deliveryId: ENVELOPE_CLAIMS.deliveryId,
  reportId: ENVELOPE_CLAIMS.reportId,
  sequence: 1,
  payloadSha256: sha256Hex(payloadOf()),
  stage: 'stored',
  agencyNumber: null,
  transferredTo: null,
  at: '2026-05-04T08:00:05+08:00',
};

export const TICKET_CLAIMS: TicketClaims = {
  iss: 'gateway:county-hospital',
  aud: 'relay:county',
  sub: 'account-7',
  facility: 'facility-1',
  encounterId: 'V0001',
  promptId: null,
  pressId: 'prs_0123456789abcdef0123456789abcdef',
  mode: 'test',
  purpose: 'report',
  reporter: { name: '李医生', role: 'doctor', staffId: 'D7' },
  iat: NOW / 1000,
  exp: NOW / 1000 + 3600,
  jti: 'tkt_01jtbsv6h0abcdefghjkmnpqrs',
};
