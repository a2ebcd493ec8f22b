import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createKeyDirectory, openKeyDirectory, rotateKeys } from '@zhida/signing';
import { frozenClock, waitUntil } from '@zhida/testkit';
import nock from 'nock';
import { expect, onTestFinished, test } from 'vitest';
import { openFileInbox } from '../src/file.js';
import { createReceiver, createRelayRounds } from '../src/index.js';
import { makePair, pin } from './keys.js';
import { collectLogs } from './logs.js';
import { push, writeLetter } from './sample-report.js';

const clock = frozenClock('2026-05-03T21:10:00+08:00');

async function openAgency() {
  nock.disableNetConnect();
  const pair = await makePair(clock, { relayUrl: 'http://yunxi.test' });
  const inbox = await openFileInbox({ directory: join(pair.root, 'inbox'), keys: pair.agency, clock });
  const logs = collectLogs();
  const receiver = createReceiver({ keys: pair.agency, inbox, clock });
  const rounds = createRelayRounds({ receiver, inbox, keys: pair.agency, clock, logger: logs.logger });
  onTestFinished(async () => {
    await rounds.stop();
    nock.cleanAll();
    nock.enableNetConnect();
    await inbox.close();
    await pair.remove();
  });
  return { pair, receiver, rounds, logs };
}

/** What a relay is asked for by its rounds: the attachments that follow what it pushed, and its own word of each day. */
function expectRounds(host: string): { attachments: nock.Scope; exchanges: nock.Scope } {
  return {
    attachments: nock(host).get('/v1/agency/attachments').query(true).reply(200, { attachments: [], next: null }),
    exchanges: nock(host).post('/v1/agency/exchanges').times(7).reply(200, { recorded: true, repeat: false }),
  };
}

test('an agency follows its trust files: a relay pinned while it runs is asked and told, one taken out is left alone', async () => {
  const { pair, rounds, logs } = await openAgency();
  const first = expectRounds('http://yunxi.test');
  expect(await rounds.lookOnce()).toEqual(['relay:yunxi']);
  const other = await createKeyDirectory(join(pair.root, 'other'), { party: 'relay:other', role: 'relay', mode: 'test', clock });
  const second = expectRounds('http://other.test');
  // As `zhida trust add` does, in a process of its own.
  await pin(await openKeyDirectory(pair.agency.directory, { clock }), other, 'http://other.test');
  expect(await rounds.lookOnce()).toEqual(['relay:yunxi', 'relay:other']);
  await waitUntil(() => [first, second].every(({ attachments, exchanges }) => attachments.isDone() && exchanges.isDone()), {
    what: 'both relays are asked and told',
    deadlineMs: 30_000,
  });
  await rm(join(pair.agency.directory, 'trust', 'relay_other.json'));
  expect(await rounds.lookOnce()).toEqual(['relay:yunxi']);
  expect(logs.lines().filter(({ level }) => level === 'error')).toEqual([]);
});

test('an agency whose keys are rotated while it runs opens what is sealed to the new ones', async () => {
  const { pair, receiver, rounds } = await openAgency();
  expectRounds('http://yunxi.test');
  const mine = await openKeyDirectory(pair.agency.directory, { clock });
  const rotated = await rotateKeys(mine, { activateAt: '2026-05-04T00:00:00+08:00', retireAt: '2026-06-04T00:00:00+08:00' });
  await pin(pair.relay, rotated, 'http://127.0.0.1:9');
  const letter = await writeLetter(pair, clock.now());
  const deliver = async () => {
    const { body, headers } = await push(pair, letter, clock.now());
    return (await receiver.receive(body, headers)).status;
  };
  expect(await deliver()).not.toBe(200);
  await rounds.lookOnce();
  expect(await deliver()).toBe(200);
});
