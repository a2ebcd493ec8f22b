import { join } from 'node:path';
import { createId } from '@zhida/core';
import { frozenClock } from '@zhida/testkit';
import nock from 'nock';
import { expect, onTestFinished, test } from 'vitest';
import { openFileInbox } from '../src/file.js';
import { createReceiver } from '../src/index.js';
import { createPuller } from '../src/roads/pull.js';
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
