import { expect, test } from 'vitest';
import {
  addTrust,
  exportTrustFile,
  jwksOf,
  type KeyDirectory,
  openEnvelope,
  openRestricted,
  rotateKeys,
  sealEnvelope,
  sealRestricted,
  signReceipt,
  verifyReceipt,
  verifyWebhook,
  webhookHeaders,
} from '../src/index.js';
import { DAY, makeParty, NOW, payloadOf, RECEIPT_CLAIMS, relayAndAgency, testClock, trust } from './parties.js';

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
const ACTIVATE = NOW + 7 * DAY;
const RETIRE = NOW + 30 * DAY;
const TIMES = { activateAt: iso(ACTIVATE), retireAt: iso(RETIRE) };

function newFile(keys: KeyDirectory) {
  return exportTrustFile(keys, { baseUrl: 'http://127.0.0.1:7421', notBefore: iso(keys.clock.now()), notAfter: iso(NOW + 730 * DAY) });
}

test('a rotation of the relay’s keys loses no envelope: old, then both, then new', async () => {
  const clock = testClock();
  const { relay: before, agency, recipient } = await relayAndAgency('test', clock);
  const relay = await rotateKeys(before, TIMES);
  expect(relay.signingKey.kid).toBe(before.signingKey.kid);
  // The new file is signed by the old key, so the agency needs no call.
  expect((await addTrust(agency, newFile(relay))).change).toBe('replaced');
  const seal = () => sealEnvelope({ payload: payloadOf(), signer: relay, recipient, now: clock.now() });
  const open = async (envelope: string) => (await openEnvelope({ envelope, keys: agency, now: clock.now() })).claims.deliveryId;

  const early = await seal();
  await expect(open(early)).resolves.toBeDefined();
  // Others allow for a clock five minutes off; the new key itself never signs before its time.
  clock.set(ACTIVATE - 1);
  expect(relay.signingKey.kid).toBe(before.signingKey.kid);
  clock.set(ACTIVATE + 1);
  expect(relay.signingKey.kid).not.toBe(before.signingKey.kid);
  await expect(open(await seal())).resolves.toBeDefined();
  await expect(open(early)).resolves.toBeDefined();
  clock.set(RETIRE);
  await expect(open(await seal())).resolves.toBeDefined();
  await expect(open(early)).rejects.toMatchObject({ code: 'ZD_ERR_SIGNATURE_MISMATCH' });
});

test('webhook headers carry both signatures while both keys are in their time, so either pin verifies', async () => {
  const clock = testClock();
  const { relay: before, agency } = await relayAndAgency('test', clock);
  const updated = await makeParty('agency:civil-affairs-440299', 'test', clock);
  const relay = await rotateKeys(before, TIMES);
  await trust(updated, relay);
  clock.set(ACTIVATE);
  const nowSeconds = ACTIVATE / 1000;
  const headers = await webhookHeaders({ id: 'dlv_1', timestampSeconds: nowSeconds, body: '{}', keys: relay });
  expect(headers['webhook-signature'].split(' ')).toHaveLength(2);
  for (const keys of [agency, updated]) {
    expect((await verifyWebhook({ headers, body: '{}', trusted: keys.trusted, nowSeconds })).sender.party).toBe('relay:county');
  }
  clock.set(RETIRE);
  const later = await webhookHeaders({ id: 'dlv_1', timestampSeconds: RETIRE / 1000, body: '{}', keys: relay });
  expect(later['webhook-signature'].split(' ')).toHaveLength(1);
  const stale = verifyWebhook({ headers: later, body: '{}', trusted: agency.trusted, nowSeconds: RETIRE / 1000 });
  await expect(stale).rejects.toMatchObject({ code: 'ZD_ERR_SIGNATURE_MISMATCH' });
});

test('a rotation of the agency’s keys opens what was sealed before and takes the new key at once', async () => {
  const clock = testClock();
  const { relay, agency: before, recipient } = await relayAndAgency('test', clock);
  const old = {
    envelope: await sealEnvelope({ payload: payloadOf(), signer: relay, recipient, now: NOW }),
    restricted: await sealRestricted('李医生', recipient, NOW),
  };
  const agency = await rotateKeys(before, TIMES);
  const { trusted } = await addTrust(relay, newFile(agency));
  expect(trusted.encKey(NOW)?.kid).not.toBe(recipient.encKey(NOW)?.kid);
  expect(trusted.restrictedKey(NOW)?.kid).not.toBe(recipient.restrictedKey(NOW)?.kid);
  const fresh = await sealEnvelope({ payload: payloadOf(), signer: relay, recipient: trusted, now: NOW });
  for (const envelope of [old.envelope, fresh]) {
    await expect(openEnvelope({ envelope, keys: agency, now: NOW })).resolves.toMatchObject({ sender: { party: 'relay:county' } });
  }
  clock.set(RETIRE + DAY);
  expect(await openRestricted(old.restricted, agency)).toBe('李医生');
});

test('INV-5 a receipt signed before its key was retired stays proof after; one dated after does not', async () => {
  const clock = testClock();
  const { relay, agency: before } = await relayAndAgency('test', clock);
  const early = await signReceipt(RECEIPT_CLAIMS, before);
  const agency = await rotateKeys(before, TIMES);
  await addTrust(relay, newFile(agency));
  clock.set(RETIRE + DAY);
  expect((await verifyReceipt(early, { trusted: relay.trusted })).stage).toBe('stored');
  // The old directory object stands for a thief of the retired key.
  clock.set(NOW);
  const forged = await signReceipt({ ...RECEIPT_CLAIMS, at: iso(RETIRE) }, before);
  await expect(verifyReceipt(forged, { trusted: relay.trusted })).rejects.toMatchObject({ code: 'ZD_ERR_SIGNATURE_MISMATCH' });
});

test('INV-5 a receipt signed before the newest trust file began is proof under it', async () => {
  const clock = testClock();
  const { relay, agency } = await relayAndAgency('test', clock);
  const waiting = await signReceipt(RECEIPT_CLAIMS, agency);
  clock.set(NOW + 5 * DAY);
  expect((await addTrust(relay, newFile(agency))).change).toBe('replaced');
  expect((await verifyReceipt(waiting, { trusted: relay.trusted })).receiptId).toBe(RECEIPT_CLAIMS.receiptId);
});

test('retired keys leave the published set, and the next trust file is signed by a key the others know', async () => {
  const clock = testClock();
  const before = await makeParty('relay:county', 'test', clock);
  const once = await rotateKeys(before, TIMES);
  expect(jwksOf(once).keys).toHaveLength(4);
  clock.set(RETIRE);
  expect(jwksOf(once).keys.map(({ kid }) => kid)).not.toContain(before.signingKey.kid);
  expect(jwksOf(once).keys).toHaveLength(2);
  const twice = await rotateKeys(once, { activateAt: iso(RETIRE + DAY), retireAt: iso(RETIRE + 2 * DAY) });
  const agency = await makeParty('agency:police-440299', 'test', clock);
  await trust(agency, once);
  expect((await addTrust(agency, newFile(twice))).change).toBe('replaced');
});

test.each([
  [{ activateAt: 'soon', retireAt: TIMES.retireAt }, 'activateAt'],
  [{ activateAt: TIMES.activateAt, retireAt: 'later' }, 'retireAt'],
  [{ activateAt: TIMES.retireAt, retireAt: TIMES.activateAt }, 'retireAt'],
])('a rotation at %j is refused', async (times, at) => {
  const keys = await makeParty('relay:county');
  await expect(rotateKeys(keys, times)).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID', at });
});
