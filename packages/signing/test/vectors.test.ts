import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createSealer,
  type FeedbackClaims,
  type KeyDirectory,
  openEnvelope,
  openKeyDirectory,
  openRestricted,
  payloadSha256,
  type ReceiptClaims,
  signFeedback,
  signReceipt,
  signTicket,
  type TicketClaims,
  type TrustFile,
  trustFingerprint,
  verifyFeedback,
  verifyReceipt,
  verifyTicket,
  verifyWebhook,
  webhookHeaders,
} from '../src/index.js';
import { NOW, scratch, testClock } from './parties.js';

/**
 * What was released stays readable: these files are never made anew, only added to. Ed25519 is deterministic, so what was
 * signed must also come out byte for byte.
 */
interface VectorParty {
  readonly keys: unknown;
  readonly masterKey: string;
  readonly trustFile: TrustFile;
  readonly fingerprint: string;
}
type PartyName = 'relay' | 'agency' | 'gateway';

let parties: Readonly<Record<PartyName, VectorParty>>;
let relay: KeyDirectory;
let agency: KeyDirectory;
let gateway: KeyDirectory;

async function vector<Content>(name: string): Promise<Content> {
  return JSON.parse(await readFile(join(import.meta.dirname, '..', 'vectors', `${name}.json`), 'utf8')) as Content;
}

/** Lays a key directory of the vector file out as it lies on a disk. */
async function lay(name: PartyName, trusts: readonly PartyName[]): Promise<KeyDirectory> {
  const directory = join(await scratch(), name);
  await mkdir(join(directory, 'trust'), { recursive: true, mode: 0o700 });
  const write = (file: string, text: string) => writeFile(join(directory, file), text, { mode: 0o600 });
  await write('keys.json', JSON.stringify(parties[name].keys));
  await write('master.key', parties[name].masterKey);
  for (const other of trusts) {
    const { trustFile } = parties[other];
    await write(join('trust', `${trustFile.party.replace(':', '_')}.json`), JSON.stringify(trustFile));
  }
  return openKeyDirectory(directory, { clock: testClock() });
}

beforeAll(async () => {
  parties = await vector('keys');
  relay = await lay('relay', ['agency', 'gateway']);
  agency = await lay('agency', ['relay']);
  gateway = await lay('gateway', []);
});

describe('the vectors of version 1', () => {
  test('open a key directory and give the fingerprint of each trust file', () => {
    expect(relay.trusted.all().map(({ party }) => party)).toEqual(['agency:vectors', 'gateway:vectors']);
    for (const name of ['relay', 'agency', 'gateway'] as const) {
      expect(trustFingerprint(parties[name].trustFile)).toBe(parties[name].fingerprint);
    }
  });

  test('open an envelope and the restricted group in it', async () => {
    const file = await vector<{ envelope: string; payload: string; payloadSha256: string; restricted: { value: unknown } }>('envelope');
    const opened = await openEnvelope({ envelope: file.envelope, keys: agency, now: NOW });
    expect(new TextDecoder().decode(opened.payload)).toBe(file.payload);
    expect([opened.payloadSha256, payloadSha256(opened.payload)]).toEqual([file.payloadSha256, file.payloadSha256]);
    expect(await openRestricted(opened.claims.restricted['reporter'] ?? '', agency)).toEqual(file.restricted.value);
  });

  test('verify a receipt of each stage and sign it again byte for byte', async () => {
    const { receipts } = await vector<{ receipts: { claims: ReceiptClaims; jws: string }[] }>('receipt');
    expect(receipts).toHaveLength(4);
    for (const { claims, jws } of receipts) {
      expect(await verifyReceipt(jws, { trusted: relay.trusted, expected: { deliveryId: claims.deliveryId } })).toEqual(claims);
      expect(await signReceipt(claims, agency)).toBe(jws);
    }
  });

  test('verify feedback and sign it again byte for byte', async () => {
    const { feedbacks } = await vector<{ feedbacks: { claims: FeedbackClaims; jws: string }[] }>('feedback');
    for (const { claims, jws } of feedbacks) {
      expect(await verifyFeedback(jws, { trusted: relay.trusted })).toEqual(claims);
      expect(await signFeedback(claims, agency)).toBe(jws);
    }
  });

  test('verify a press ticket and sign it again byte for byte', async () => {
    const { claims, token } = await vector<{ claims: TicketClaims; token: string }>('ticket');
    expect(await verifyTicket(token, { trusted: relay.trusted, audience: relay.party, now: NOW })).toEqual({ claims, expired: false });
    expect(await signTicket(claims, gateway)).toBe(token);
  });

  test('verify webhook headers and sign them again byte for byte', async () => {
    const file = await vector<{ id: string; timestampSeconds: number; body: string; headers: Record<string, string> }>('webhook');
    const { id, timestampSeconds, body, headers } = file;
    const verified = await verifyWebhook({ headers, body, trusted: agency.trusted, nowSeconds: timestampSeconds });
    expect(verified).toMatchObject({ id, timestampSeconds, sender: { party: 'relay:vectors' } });
    expect(await webhookHeaders({ id, timestampSeconds, body, keys: relay })).toEqual(headers);
  });

  test('unwrap a data key and open a value sealed at rest', async () => {
    const file = await vector<Record<'wrapped' | 'dataKey' | 'aad' | 'plaintext' | 'sealed', string>>('at-rest');
    const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64url');
    const sealer = createSealer(relay.masterKey);
    const dataKey = sealer.unwrap(bytes(file.wrapped));
    expect(Buffer.from(dataKey).toString('base64url')).toBe(file.dataKey);
    expect(new TextDecoder().decode(sealer.open(dataKey, bytes(file.sealed), file.aad))).toBe(file.plaintext);
  });
});
