import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalBytes, createId, isoNow, systemClock } from '@zhida/core';
import { createKeyDirectory, type KeyDirectory, openEnvelope, sealEnvelope, verifyReceipt, webhookHeaders } from '@zhida/signing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LIES, type Mood, type MoodyAgency, openDoor } from './driver/agency.js';
import { introduce } from './support/county.js';
import { CIVIL_AFFAIRS, POLICE, RELAY } from './support/profile.js';

const NOBODY = 'http://127.0.0.1:9';

let root: string;
let relay: KeyDirectory;
let police: KeyDirectory;
let agency: MoodyAgency;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'zhida-fault-agency-'));
  relay = await createKeyDirectory(join(root, 'relay'), { party: RELAY, role: 'relay', mode: 'test' });
  police = await createKeyDirectory(join(root, 'police'), { party: POLICE, role: 'agency', mode: 'test' });
  const otherKeys = await createKeyDirectory(join(root, 'other'), { party: CIVIL_AFFAIRS, role: 'agency', mode: 'test' });
  const door = await openDoor();
  await introduce(relay, police, NOBODY);
  await introduce(police, relay, door.url);
  await introduce(otherKeys, relay, door.url);
  agency = await door.open({ keys: police, otherKeys, relayUrl: NOBODY, random: () => 1, directory: join(root, 'inbox') });
});
afterEach(async () => {
  await agency.close();
  await rm(root, { recursive: true, force: true });
});

interface Letter {
  readonly deliveryId: string;
  readonly reportId: string;
  readonly payload: Uint8Array;
}

function writeLetter(): Letter {
  const [deliveryId, reportId] = [createId('dlv'), createId('rpt')];
  const claims = { v: '1', mode: 'test', iss: RELAY, aud: POLICE, deliveryId, reportId, number: '440299-261127-030001-9' };
  const payload = canonicalBytes({
    ...claims,
    sequence: 1,
    kind: 'initial',
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
