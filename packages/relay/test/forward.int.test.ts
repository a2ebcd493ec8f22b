import { canonicalBytes, createId, isoNow } from '@zhida/core';
import { createKeyDirectory, type EnvelopeClaims, type KeyDirectory, sealEnvelope, webhookHeaders } from '@zhida/signing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEgress, type RelayOptions } from '../src/index.js';
import { type Fixture, makeFixture } from './support/fixture.js';
import { answers, stores } from './support/scripted-agency.js';
import { postReceipt } from './support/receipts.js';

const TOWNSHIP = 'relay:township';
const POLICE = 'agency:police-440299';

/** The relay under test carries for the relay of a township, which has no address here but a mailbox. */
let fixture: Fixture;
let township: KeyDirectory;
const egress = createEgress();
const mailbox: { url: string; body: string }[] = [];
let mailboxStatus = 200;
const sent: { url: string; body: string }[] = [];
beforeAll(async () => {
  const post: RelayOptions['post'] = async (request, signal) => {
    sent.push({ url: request.url, body: request.body });
    if (!request.url.startsWith('http://127.0.0.1:9/')) return egress.post(request, signal);
    mailbox.push({ url: request.url, body: request.body });
    return { status: mailboxStatus, headers: {}, body: Buffer.from('{}') };
  };
  fixture = await makeFixture({ relay: { post } });
  const { directory, relay, police } = fixture.parties;
  township = await createKeyDirectory(`${directory}/township`, { party: TOWNSHIP, role: 'relay', mode: 'test', clock: fixture.clock });
  await fixture.parties.introduce(township, relay, 'http://127.0.0.1:9');
  await fixture.parties.introduce(township, police, 'http://127.0.0.1:9');
  await fixture.parties.introduce(police, township, fixture.police.url);
  await relay.trusted.reload();
  await township.trusted.reload();
  await police.trusted.reload();
});
afterAll(async () => {
  await fixture.close();
  egress.close();
});

async function write(deliveryId = createId('dlv')) {
  const claims: EnvelopeClaims = {
    v: '1',
    mode: 'test',
    iss: TOWNSHIP,
    aud: POLICE,
    deliveryId,
    reportId: createId('rpt'),
    number: '440299-261122-040001-1',
    sequence: 1,
    kind: 'initial',
    view: 'police',
    createdAt: isoNow(fixture.clock),
    body: { suspicion: { observed: 'canary-observed' } },
    restricted: {},
  };
  const recipient = township.trusted.party(POLICE);
  if (recipient === undefined) throw new Error('the police are pinned');
  return {
    deliveryId,
    envelope: await sealEnvelope({ payload: canonicalBytes(claims), signer: township, recipient, now: fixture.clock.now() }),
  };
}

async function hand({ deliveryId, envelope }: { deliveryId: string; envelope: string }, { keys = township, to = POLICE } = {}) {
  const stamp = await webhookHeaders({ id: deliveryId, timestampSeconds: Math.floor(fixture.clock.now() / 1000), body: envelope, keys });
  return fixture.relay.app.inject({ method: 'POST', url: '/v1/forwards', headers: { ...stamp, 'forward-to': to }, payload: envelope });
}

const rows = async (sql: string): Promise<unknown[]> => (await fixture.database.pool.query(sql)).rows;

test('INV-5 an envelope of another relay is kept and carried unopened; only the agency’s receipt answers for it', async () => {
  const letter = await write();
  fixture.police.behave = answers(503);
  expect([(await hand(letter)).statusCode, (await hand(letter)).json()]).toEqual([202, { taken: true }]);
  expect(await fixture.relay.forwardOnce()).toBe(0);
  expect(await rows('select attempts, last_detail, receipt from forwards')).toEqual([
    { attempts: 1, last_detail: 'http-503', receipt: null },
  ]);
  expect(JSON.stringify(await rows('select * from forwards'))).not.toContain('canary-observed');
  for (const lie of [answers(200), answers(200, { 'content-type': 'application/jose' }, 'a.b.c')]) {
    fixture.police.behave = lie;
    fixture.clock.advance(3_600_000);
    expect(await fixture.relay.forwardOnce()).toBe(0);
  }
  fixture.police.behave = stores;
  fixture.clock.advance(3_600_000);
  mailboxStatus = 503;
  expect(await fixture.relay.forwardOnce()).toBe(1);
  const answer = await hand(letter);
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/jose']);
  mailboxStatus = 200;
  fixture.clock.advance(3_600_000);
  mailbox.length = 0;
  expect(await fixture.relay.forwardOnce()).toBe(1);
  expect(mailbox).toEqual([{ url: 'http://127.0.0.1:9/v1/agency/receipts', body: answer.body }]);
  expect(await rows('select envelope, (select count(*)::int from deliveries) as deliveries from forwards')).toEqual([
    { envelope: null, deliveries: 0 },
  ]);
});

test('INV-5 INV-6 a receipt of another report answers for nothing, and what comes again after its receipt was told is carried anew', async () => {
  const [known, letter] = [await write(), await write()];
  fixture.police.behave = stores;
  await hand(known);
  await fixture.relay.forwardOnce();
  const other = fixture.police.arrivals.at(-1);
  if (other === undefined) throw new Error('nothing arrived');
  const [otherReceipt, before] = [await fixture.police.receipt(other), fixture.police.arrivals.length];
  fixture.police.behave = answers(200, { 'content-type': 'application/jose' }, otherReceipt);
  expect((await hand(letter)).statusCode).toBe(202);
  await fixture.relay.forwardOnce();
  expect(await rows(`select last_detail, receipt from forwards where delivery_id = '${letter.deliveryId}'`)).toEqual([
    { last_detail: 'receipt-mismatch', receipt: null },
  ]);
  // It speaks of this delivery and of other bytes: only the relay that sealed them can tell.
  fixture.police.behave = async (arrival, response, agency) => {
    const lie = await agency.receipt(arrival, { payloadSha256: '0'.repeat(64) });
    response.writeHead(200, { 'content-type': 'application/jose' }).end(lie);
  };
  fixture.clock.advance(3_600_000);
  await fixture.relay.forwardOnce();
  fixture.police.behave = stores;
  expect((await hand(letter)).statusCode).toBe(200);
  expect((await hand(letter)).statusCode).toBe(202);
  await fixture.relay.forwardOnce();
  expect(fixture.police.arrivals).toHaveLength(before + 3);
  const last = fixture.police.arrivals.at(-1);
  if (last === undefined) throw new Error('nothing arrived');
  expect((await hand(letter)).payload).toBe(await fixture.police.receipt(last));
});

test('a statement for the other relay is verified, kept, and brought there once, however often it comes', async () => {
  const letter = await write();
  fixture.police.behave = stores;
  await hand(letter);
  await fixture.relay.forwardOnce();
  const arrival = fixture.police.arrivals.at(-1);
  if (arrival === undefined) throw new Error('nothing arrived');
  const jws = await fixture.police.receipt(arrival, { stage: 'accepted', receiptId: createId('rcp') });
  const post = (relay: string, payload: string) =>
    fixture.relay.app.inject({ method: 'POST', url: `/v1/via/${relay}/v1/agency/receipts`, payload });
  expect([(await post(TOWNSHIP, jws)).json(), (await post(TOWNSHIP, jws)).json()]).toEqual([
    { recorded: true, repeat: false },
    { recorded: true, repeat: true },
  ]);
  mailbox.length = 0;
  expect(await fixture.relay.forwardOnce()).toBe(1);
  expect(mailbox.map(({ body }) => body)).toEqual([jws]);
  expect((await post('relay:nobody', jws)).statusCode).toBe(404);
  expect((await post(TOWNSHIP, `${jws.slice(0, -4)}AAAA`)).json()).toMatchObject({ code: 'ZD_ERR_SIGNATURE_MISMATCH' });
  // One that is for this relay itself is not taken for another.
  await fixture.press();
  await fixture.relay.drain();
  const own = fixture.police.arrivals.at(-1);
  if (own === undefined) throw new Error('nothing arrived');
  expect((await post(TOWNSHIP, await fixture.police.receipt(own))).json()).toMatchObject({ code: 'ZD_ERR_ENVELOPE_AUDIENCE' });
  await postReceipt(fixture, own, { stage: 'accepted' }, fixture.parties.police);
});

test('nobody else has anything forwarded: no pinned relay, an agency, an agency this relay does not reach, another one for the same delivery', async () => {
  const letter = await write();
  const stranger = await createKeyDirectory(`${fixture.parties.directory}/stranger`, {
    party: 'relay:stranger',
    role: 'relay',
    mode: 'test',
    clock: fixture.clock,
  });
  expect((await fixture.relay.app.inject({ method: 'POST', url: '/v1/forwards', payload: letter.envelope })).statusCode).toBe(401);
  expect((await hand(letter, { keys: stranger })).statusCode).toBe(401);
  expect((await hand(letter, { keys: fixture.parties.police })).json()).toMatchObject({ code: 'ZD_ERR_PARTY_UNKNOWN' });
  expect((await hand(letter, { to: 'agency:nobody' })).statusCode).toBe(404);
  expect((await hand(letter)).statusCode).toBe(202);
  expect((await hand(letter, { to: 'agency:civil-affairs-440299' })).json()).toMatchObject({ status: 409, at: 'forward-to' });
});

test('a party that does not answer keeps none from another: what was never tried goes first, and few at once to one', async () => {
  const { civilAffairs } = fixture.parties;
  // What other tests handed over goes first.
  await fixture.relay.forwardOnce();
  fixture.civilAffairs.behave = (_arrival, response) => void response.writeHead(503).end();
  for (let count = 0; count < 24; count += 1) await hand(await write(), { to: civilAffairs.party });
  fixture.clock.advance(1_000);
  const fresh = await write();
  await hand(fresh);
  sent.length = 0;
  await fixture.relay.forwardOnce();
  expect(sent.findIndex(({ body }) => body === fresh.envelope)).toBeLessThan(5);
  expect(sent.filter(({ url }) => url.startsWith(fixture.civilAffairs.url))).toHaveLength(24);
});
