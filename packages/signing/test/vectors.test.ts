import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createSealer,
  type KeyDirectory,
  openEnvelope,
  openRestricted,
  sha256Hex,
  signFeedback,
  signReceipt,
  signTicket,
  trustFingerprint,
  verifyFeedback,
  verifyReceipt,
  verifyTicket,
  verifyWebhook,
  webhookHeaders,
} from '../src/index.js';
import { makeVectors } from './make-vectors.js';
import { NOW, scratch, testClock } from './parties.js';
import { layParties, PARTIES, readVectors, VECTORS } from './vector-files.js';

/**
 * What was released stays readable: these files are never replaced, only added to. Ed25519 is deterministic, so what was
 * signed must also come out byte for byte.
 */
let relay: KeyDirectory;
let agency: KeyDirectory;
let gateway: KeyDirectory;

beforeAll(async () => {
  ({ relay, agency, gateway } = await layParties(await scratch(), testClock()));
});

describe('the vectors of version 1', () => {
  test('open a key directory and give the fingerprint of each trust file', async () => {
    expect(relay.trusted.all().map(({ party }) => party)).toEqual(['agency:vectors', 'gateway:vectors']);
    const parties = await readVectors('keys');
    for (const name of PARTIES) {
      expect(trustFingerprint(parties[name].trustFile)).toBe(parties[name].fingerprint);
    }
  });

  test('open an envelope and the restricted group in it', async () => {
    const file = await readVectors('envelope');
    const opened = await openEnvelope({ envelope: file.envelope, keys: agency, now: NOW });
    expect(new TextDecoder().decode(opened.payload)).toBe(file.payload);
    expect([opened.payloadSha256, sha256Hex(opened.payload)]).toEqual([file.payloadSha256, file.payloadSha256]);
    expect(await openRestricted(opened.claims.restricted['reporter'] ?? '', agency)).toEqual(file.restricted.value);
  });

  test('verify a receipt of each stage and sign it again byte for byte', async () => {
    const { receipts } = await readVectors('receipt');
    expect(receipts).toHaveLength(4);
    for (const { claims, jws } of receipts) {
      expect(await verifyReceipt(jws, { trusted: relay.trusted, expected: { deliveryId: claims.deliveryId } })).toEqual(claims);
      expect(await signReceipt(claims, agency)).toBe(jws);
    }
  });

  test('verify feedback and sign it again byte for byte', async () => {
    const { feedbacks } = await readVectors('feedback');
    for (const { claims, jws } of feedbacks) {
      expect(await verifyFeedback(jws, { trusted: relay.trusted })).toEqual(claims);
      expect(await signFeedback(claims, agency)).toBe(jws);
    }
  });

  test('verify a press ticket and sign it again byte for byte', async () => {
    const { claims, token } = await readVectors('ticket');
    expect(await verifyTicket(token, { trusted: relay.trusted, audience: relay.party, now: NOW })).toEqual({ claims, expired: false });
    expect(await signTicket(claims, gateway)).toBe(token);
  });

  test('verify webhook headers and sign them again byte for byte', async () => {
    const file = await readVectors('webhook');
    const { id, timestampSeconds, body, headers } = file;
    const verified = await verifyWebhook({ headers, body, trusted: agency.trusted, nowSeconds: timestampSeconds });
    expect(verified).toMatchObject({ id, timestampSeconds, sender: { party: 'relay:vectors' } });
    expect(await webhookHeaders({ id, timestampSeconds, body, keys: relay })).toEqual(headers);
  });

  test('unwrap a data key and open a value sealed at rest', async () => {
    const file = await readVectors('at-rest');
    const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64url');
    const sealer = createSealer(relay.masterKey);
    const dataKey = sealer.unwrap(bytes(file.wrapped));
    expect(Buffer.from(dataKey).toString('base64url')).toBe(file.dataKey);
    expect(new TextDecoder().decode(sealer.open(dataKey, bytes(file.sealed), file.aad))).toBe(file.plaintext);
  });
});

describe('vectors made anew', () => {
  test('hold the same claims and signatures, and what is sealed in them opens', async () => {
    const folder = join(await scratch(), 'new');
    await makeVectors(folder);
    expect((await readdir(folder)).sort()).toEqual((await readdir(VECTORS)).filter((name) => name.endsWith('.json')).sort());
    for (const name of ['keys', 'receipt', 'feedback', 'ticket', 'webhook'] as const) {
      expect(await readVectors(name, folder)).toEqual(await readVectors(name));
    }
    const { envelope, payload, restricted } = await readVectors('envelope', folder);
    const opened = await openEnvelope({ envelope, keys: agency, now: NOW });
    expect(new TextDecoder().decode(opened.payload)).toBe(payload);
    expect(await openRestricted(opened.claims.restricted[restricted.group] ?? '', agency)).toEqual(restricted.value);
  });

  test('are never written over others, and every file says what its keys are worth', async () => {
    const folder = await scratch();
    await writeFile(join(folder, 'receipt.json'), '{}');
    await expect(makeVectors(folder)).rejects.toThrow(TypeError);
    await expect(makeVectors(VECTORS)).rejects.toThrow(TypeError);
    for (const name of (await readdir(VECTORS)).filter((entry) => entry.endsWith('.json'))) {
      expect(await readFile(join(VECTORS, name), 'utf8')).toContain('"note": "TEST KEYS: ');
    }
  });
});
