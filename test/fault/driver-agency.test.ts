import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { canonicalBytes, createId, isoNow, systemClock } from '@zhida/core';
import { createKeyDirectory, type KeyDirectory, openEnvelope, sealEnvelope, verifyReceipt, webhookHeaders } from '@zhida/signing';
import { waitUntil } from '@zhida/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Mood, type MoodyAgency, openDoor } from './driver/agency.js';
import { LIES } from './driver/lies.js';
import { introduce } from './support/county.js';
import { CIVIL_AFFAIRS, POLICE, RELAY } from './support/profile.js';

/** What came to the relay: ids of receipts and feedbacks in the order in which they came. */
let posted: string[];
let listening: Server;

let root: string;
let relay: KeyDirectory;
let police: KeyDirectory;
let agency: MoodyAgency;
/** What its officers do with what comes: at 1 nothing, at 0.1 everything. */
let chance: number;

beforeEach(async () => {
  posted = [];
  chance = 1;
  listening = createServer((request, response) => {
    // Nothing waits to be fetched.
    if (request.method === 'GET') return void response.writeHead(404).end();
    void text(request).then((jws) => {
      const claims = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as { stage?: string; code?: string };
      posted.push(claims.stage ?? claims.code ?? '');
      response.writeHead(200).end();
    });
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const relayUrl = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  root = await mkdtemp(join(tmpdir(), 'zhida-fault-agency-'));
  relay = await createKeyDirectory(join(root, 'relay'), { party: RELAY, role: 'relay', mode: 'test' });
  police = await createKeyDirectory(join(root, 'police'), { party: POLICE, role: 'agency', mode: 'test' });
  const otherKeys = await createKeyDirectory(join(root, 'other'), { party: CIVIL_AFFAIRS, role: 'agency', mode: 'test' });
  const door = await openDoor();
  await introduce(relay, police, relayUrl);
  await introduce(police, relay, door.url);
  await introduce(otherKeys, relay, door.url);
  agency = await door.open({
    getsAttachments: true,
    keys: police,
    otherKeys,
    relayUrl,
    random: () => chance,
    directory: join(root, 'inbox'),
  });
});
afterEach(async () => {
  await agency.close();
  listening.close();
  await rm(root, { recursive: true, force: true });
});

interface Letter {
  readonly deliveryId: string;
  readonly reportId: string;
  readonly payload: Uint8Array;
}

function writeLetter(kind: 'initial' | 'error-notice' = 'initial'): Letter {
  const [deliveryId, reportId] = [createId('dlv'), createId('rpt')];
  const claims = { v: '1', mode: 'test', iss: RELAY, aud: POLICE, deliveryId, reportId, number: '440299-261127-030001-9' };
  const payload = canonicalBytes({
    ...claims,
    sequence: 1,
    kind,
    view: 'police',
    createdAt: isoNow(systemClock),
    body: {},
    restricted: {},
  });
  return { deliveryId, reportId, payload };
}

/** Pushes it once in this mood. @returns whether the answer is proof of this very delivery, as a relay judges it. */
async function proves({ deliveryId, reportId, payload }: Letter, mood: Mood): Promise<boolean> {
  agency.mood = mood;
  const now = systemClock.now();
  const body = await sealEnvelope({ payload, signer: relay, recipient: relay.trusted.party(POLICE)!, now });
  const { payloadSha256 } = await openEnvelope({ envelope: body, keys: police, now });
  const headers = await webhookHeaders({ id: deliveryId, timestampSeconds: Math.floor(now / 1000), body, keys: relay });
  const answer = await fetch(agency.url, { method: 'POST', headers: { ...headers, 'content-type': 'application/jose' }, body });
  const expected = { iss: POLICE, deliveryId, reportId, payloadSha256, mode: 'test' } as const;
  return verifyReceipt(await answer.text(), { trusted: relay.trusted, expected }).then(
    () => true,
    () => false,
  );
}

test.each(LIES)('an agency that lies by %s never answers with proof, whatever it has stored', async (mood) => {
  const letter = writeLetter();
  expect(await proves(letter, mood), 'nothing is stored').toBe(false);
  expect(agency.truth.stored.size).toBe(0);
  expect(await proves(letter, 'stores'), 'the honest answer').toBe(true);
  expect(await proves(letter, mood), 'this delivery alone is stored').toBe(false);
  expect(await proves(writeLetter(), mood), 'another delivery is stored').toBe(false);
});

test('an agency that says everything twice brings its receipt twice and answers it, and its officers’ word twice', async () => {
  chance = 0.1;
  expect(await proves(writeLetter(), 'says-twice')).toBe(true);
  await waitUntil(() => agency.saidTwice() === 3, { what: 'receipt, acceptance and feedback are said twice' });
  expect(posted.toSorted()).toEqual(['accepted', 'accepted', 'filed', 'filed', 'stored', 'stored']);
  expect(agency.truth.outOfOrder).toBe(0);
});

test('an agency that says the last first answers with its receipts in the reverse order, after what its officers have said of them', async () => {
  chance = 0.1;
  const order: number[] = [];
  const letters = [0, 1, 2, 3].map(async (place) => {
    expect(await proves(writeLetter(), 'last-first')).toBe(true);
    order.push(place);
    // The acceptance and the feedback of each came before its receipt.
    expect(posted).toHaveLength(8);
  });
  await Promise.all(letters);
  expect(order).toHaveLength(4);
  expect(posted.toSorted()).toEqual([...Array.from({ length: 4 }, () => 'accepted'), ...Array.from({ length: 4 }, () => 'filed')]);
  expect(agency.truth.outOfOrder).toBe(3 + 8);
  expect(agency.saidTwice()).toBe(0);
});

test('an error notice is obeyed by every agency, also where no officer does anything else', async () => {
  expect(await proves(writeLetter('error-notice'), 'stores')).toBe(true);
  await waitUntil(() => posted.length === 1, { what: 'it is said' });
  expect(posted).toEqual(['stopped-using']);
  expect([...agency.truth.acts.values()].map(({ stage }) => stage)).toEqual(['stopped-using']);
  expect(agency.truth.closed.size).toBe(1);
});
