import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { createId } from '@zhida/core';
import { frozenClock, waitUntil } from '@zhida/testkit';
import nock from 'nock';
import { expect, onTestFinished, test } from 'vitest';
import { openFileInbox } from '../src/file.js';
import { createFerry, createReceiver } from '../src/index.js';
import { isOpen } from '../src/order.js';
import { createPuller } from '../src/roads/pull.js';
import { sampleActs } from '../src/testing/sample-delivery.js';
import { makePair } from './keys.js';
import { push, writeLetter } from './sample-report.js';

const clock = frozenClock('2026-05-03T21:10:00+08:00');

/** A police station with one accepted delivery, and its relay under a path. */
async function station() {
  nock.disableNetConnect();
  const pair = await makePair(clock, { relayUrl: 'https://county.test/hospital/relay' });
  const inbox = await openFileInbox({ directory: join(pair.root, 'inbox'), keys: pair.agency, clock });
  onTestFinished(async () => {
    nock.cleanAll();
    nock.enableNetConnect();
    await inbox.close();
    await pair.remove();
  });
  const receiver = createReceiver({ keys: pair.agency, inbox, clock });
  const letter = await writeLetter(pair, clock.now());
  const { body, headers } = await push(pair, letter, clock.now());
  expect((await receiver.receive(body, headers)).status).toBe(200);
  await receiver.accept(letter.claims.deliveryId, { officer: { id: 'P1024', name: '警员甲' } });
  const relay = nock('https://county.test').post('/hospital/relay/v1/agency/receipts').reply(200, { recorded: true, repeat: false });
  return { inbox, receiver, relay, deliveryId: letter.claims.deliveryId };
}

test('a relay published under a path gets the receipts below that path', async () => {
  const { receiver, relay } = await station();
  expect(await receiver.flushOutbox()).toEqual({ sent: 1, failed: 0 });
  expect(relay.isDone()).toBe(true);
});

test('a statement that cannot be opened keeps none behind it', async () => {
  const { inbox, receiver, relay, deliveryId } = await station();
  const [waiting] = await inbox.due(clock.now(), 1);
  if (waiting === undefined) throw new Error('the acceptance waits');
  await inbox.postponed(waiting.id, clock.now());
  clock.advance(1_000);
  const broken = { ...waiting, id: createId('rcp'), sealedJws: Buffer.from('broken') };
  await inbox.change(deliveryId, async () => ({ outbox: [broken], audit: [] }));
  await inbox.postponed(broken.id, clock.now() - 60_000);
  expect(await receiver.flushOutbox()).toEqual({ sent: 1, failed: 1 });
  expect([relay.isDone(), await inbox.waiting()]).toEqual([true, 1]);
});

test('an attachment the relay cannot give keeps none behind it from being fetched', async () => {
  nock.disableNetConnect();
  const pair = await makePair(clock, { relayUrl: 'https://county.test' });
  const inbox = await openFileInbox({ directory: join(pair.root, 'inbox'), keys: pair.agency, clock });
  onTestFinished(async () => {
    nock.cleanAll();
    nock.enableNetConnect();
    await inbox.close();
    await pair.remove();
  });
  const receiver = createReceiver({ keys: pair.agency, inbox, clock });
  const [broken, good] = [createId('att', clock), createId('att', clock)];
  const attachments = [broken, good].map((attachmentId) => ({ attachmentId }));
  const relay = nock('https://county.test').get('/v1/agency/attachments?after=').reply(200, { attachments, next: null });
  relay.get(`/v1/agency/attachments/${broken}`).reply(500).get(`/v1/agency/attachments/${good}`).reply(404);
  const puller = createPuller({ receiver, keys: pair.agency, relay: 'relay:yunxi', clock, fetches: 'attachments' });
  expect(await puller.pullOnce()).toBe(0);
  expect(relay.isDone()).toBe(true);
});

test('INV-9 an attachment on a line that stands still keeps no report from being asked for', async () => {
  nock.disableNetConnect();
  const pair = await makePair(clock, { relayUrl: 'https://county.test' });
  const inbox = await openFileInbox({ directory: join(pair.root, 'inbox'), keys: pair.agency, clock });
  const film = new PassThrough();
  const attachmentId = createId('att', clock);
  let asked = 0;
  const page = () => {
    asked += 1;
    return { deliveries: [], next: null };
  };
  nock('https://county.test').get('/v1/agency/inbox?after=').times(100).reply(200, page);
  nock('https://county.test')
    .get('/v1/agency/attachments?after=')
    .reply(200, { attachments: [{ attachmentId }], next: null });
  const standing = nock('https://county.test')
    .get(`/v1/agency/attachments/${attachmentId}`)
    .reply(200, () => film);
  const puller = createPuller({
    receiver: createReceiver({ keys: pair.agency, inbox, clock }),
    keys: pair.agency,
    relay: 'relay:yunxi',
    clock,
    everyMs: 10,
  });
  puller.start();
  try {
    await waitUntil(() => standing.isDone(), { what: 'the attachment is asked for', deadlineMs: 30_000 });
    const before = asked;
    await waitUntil(() => asked >= before + 2, { what: 'reports are asked for meanwhile', deadlineMs: 30_000 });
  } finally {
    film.end();
    await puller.stop();
    nock.cleanAll();
    nock.enableNetConnect();
    await inbox.close();
    await pair.remove();
  }
});

test('INV-9 at the gate a report goes before attachments, whatever their names', async () => {
  const pair = await makePair(clock);
  const directory = join(pair.root, 'gate');
  const inbox = await openFileInbox({ directory: join(pair.root, 'inbox'), keys: pair.agency, clock });
  onTestFinished(async () => {
    await inbox.close();
    await pair.remove();
  });
  const receiver = createReceiver({ keys: pair.agency, inbox, clock });
  const taken: string[] = [];
  const refusal = { status: 503, contentType: 'application/problem+json', body: '{}' } as const;
  const ferry = createFerry({
    receiver: {
      ...receiver,
      receiveCarried: async () => (taken.push('report'), refusal),
      receiveAttachment: async () => {
        taken.push('attachment');
        if (taken.length < 3) await writeFile(join(directory, `${createId('dlv', clock)}.zde`), 'x');
        return refusal;
      },
    },
    in: directory,
    out: join(pair.root, 'out'),
    clock,
  });
  await mkdir(directory, { recursive: true });
  for (const name of [`${createId('att', clock)}.zda`, `${createId('att', clock)}.zda`, `${createId('dlv', clock)}.zde`])
    await writeFile(join(directory, name), 'x');
  expect(await ferry.ferryOnce()).toBe(0);
  expect(taken).toEqual(['report', 'attachment', 'report', 'attachment']);
});

test('an inbox row whose words our key does not open keeps no other row from the officers', async () => {
  const { inbox, receiver, deliveryId } = await station();
  const record = await inbox.find(deliveryId);
  if (record === undefined) throw new Error('the delivery is there');
  const other = { ...record, deliveryId: createId('dlv', clock), sealedSummary: Buffer.from('broken'), sealedPayload: Buffer.from('x') };
  await inbox.take(other, sampleActs(other));
  const rows = await receiver.list();
  expect(rows.map((row) => row.deliveryId).toSorted()).toEqual([deliveryId, other.deliveryId].toSorted());
});

test('an error notice that somebody has taken note of waits until the report is no longer used', () => {
  expect([isOpen('error-notice', ['stored', 'accepted']), isOpen('error-notice', ['stored', 'accepted', 'stopped-using'])]).toEqual([
    true,
    false,
  ]);
  expect([isOpen('initial', ['stored']), isOpen('initial', ['stored', 'accepted'])]).toEqual([true, false]);
});
