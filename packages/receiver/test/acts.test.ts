import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commitmentTo } from '@zhida/audit-log';
import { verifyFeedback, verifyReceipt } from '@zhida/signing';
import { canaries, findCanaries, frozenClock } from '@zhida/testkit';
import nock from 'nock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JournalEvent } from '../src/file/events.js';
import { openFileInbox } from '../src/file.js';
import { createReceiver, type Inbox, type Receiver } from '../src/index.js';
import { createVault } from '../src/vault.js';
import { makePair, type Pair } from './keys.js';
import { collectLogs } from './logs.js';
import { canaryReport, push, reporterIdentity, writeLetter } from './sample-report.js';

const RELAY_URL = 'http://relay.test:7411';
const clock = frozenClock('2026-05-03T21:10:00+08:00');
const logs = collectLogs();
const officer = { id: 'P1024', name: '警员甲' };
let pair: Pair;
let inbox: Inbox;
let receiver: Receiver;

beforeEach(async () => {
  clock.set('2026-05-03T21:10:00+08:00');
  logs.clear();
  nock.disableNetConnect();
  pair = await makePair(clock, { relayUrl: RELAY_URL });
  await open();
});
afterEach(async () => {
  await inbox.close();
  await pair.remove();
  nock.cleanAll();
  nock.enableNetConnect();
});

async function open(): Promise<void> {
  inbox = await openFileInbox({ directory: join(pair.root, 'inbox'), keys: pair.agency, clock });
  receiver = createReceiver({ keys: pair.agency, inbox, clock, logger: logs.logger });
}

async function received(options: Parameters<typeof writeLetter>[2] = {}) {
  const letter = await writeLetter(pair, clock.now(), options);
  const { body, headers } = await push(pair, letter, clock.now());
  expect((await receiver.receive(body, headers)).status).toBe(200);
  return letter.claims;
}

/** Answers of a relay, in turn; what it was sent. */
function relayAnswers(path: string, ...statuses: readonly (number | 'away')[]): string[] {
  const bodies: string[] = [];
  for (const status of statuses) {
    const scope = nock(RELAY_URL, { reqheaders: { 'content-type': 'application/jose' } }).post(
      path,
      (body) => bodies.push(String(body)) > 0,
    );
    if (status === 'away') scope.replyWithError('connect ECONNREFUSED');
    else scope.reply(status, { recorded: true, repeat: false });
  }
  return bodies;
}

describe('受理', () => {
  test('INV-5 stored and accepted are two receipts; accepting twice gives the same one', async () => {
    const { deliveryId, reportId } = await received();
    expect(await receiver.list()).toMatchObject([{ stages: ['stored'], acceptedAt: null }]);
    clock.advance(60_000);
    const [first, ...again] = await Promise.all(
      Array.from({ length: 5 }, (_, index) => receiver.accept(deliveryId, { officer, agencyNumber: `JJ-2026-${index}` })),
    );
    expect(new Set(again.map(({ jws }) => jws))).toEqual(new Set([first!.jws]));
    expect(await verifyReceipt(first!.jws, { trusted: pair.relay.trusted })).toMatchObject({
      stage: 'accepted',
      deliveryId,
      reportId,
      agencyNumber: 'JJ-2026-0',
      at: '2026-05-03T13:11:00.000Z',
    });
    expect(await receiver.list()).toMatchObject([{ stages: ['stored', 'accepted'], acceptedAt: '2026-05-03T13:11:00.000Z' }]);
    expect(await receiver.waiting()).toBe(1);
  });

  test('needs no number', async () => {
    const { deliveryId } = await received();
    const { jws } = await receiver.accept(deliveryId, { officer, agencyNumber: '  ' });
    expect(await verifyReceipt(jws, { trusted: pair.relay.trusted })).toMatchObject({ agencyNumber: null });
  });

  test('misdirected stays received and names the unit; stopped-using answers an error notice alone', async () => {
    const { deliveryId } = await received();
    const { jws } = await receiver.misdirected(deliveryId, { officer, transferredTo: 'agency:police-440298' });
    expect(await verifyReceipt(jws, { trusted: pair.relay.trusted })).toMatchObject({
      stage: 'misdirected',
      transferredTo: 'agency:police-440298',
    });
    await expect(receiver.misdirected(deliveryId, { officer, transferredTo: ' ' })).rejects.toMatchObject({
      code: 'ZD_ERR_INPUT_UNREADABLE',
    });
    await expect(receiver.stoppedUsing(deliveryId, { officer })).rejects.toMatchObject({ code: 'ZD_ERR_CONFLICT' });
    const notice = await received({ report: { ...canaryReport, kind: 'error-notice' }, claims: { kind: 'error-notice', sequence: 2 } });
    const stopped = await receiver.stoppedUsing(notice.deliveryId, { officer });
    expect(await verifyReceipt(stopped.jws, { trusted: pair.relay.trusted })).toMatchObject({ stage: 'stopped-using', sequence: 2 });
  });
});

describe('feedback', () => {
  test('is signed with exactly the claims of the feedback format', async () => {
    const { deliveryId, reportId } = await received();
    const bodies = relayAnswers('/v1/agency/feedback', 200);
    await receiver.feedback(deliveryId, {
      officer,
      code: 'release',
      releaseTo: ['education', 'education'],
      documentNumber: '云公通报〔2026〕7号',
    });
    expect(await receiver.flushOutbox()).toEqual({ sent: 1, failed: 0 });
    expect(await verifyFeedback(bodies[0]!, { trusted: pair.relay.trusted })).toEqual({
      v: '1',
      mode: 'test',
      iss: 'agency:police-440299',
      aud: 'relay:yunxi',
      feedbackId: expect.stringMatching(/^fbk_/),
      reportId,
      code: 'release',
      reason: null,
      transferredTo: null,
      releaseTo: ['education'],
      documentNumber: '云公通报〔2026〕7号',
      at: '2026-05-03T13:10:00.000Z',
    });
  });

  test.each([
    ['a code of civil affairs', { code: 'guardianship' }],
    ['a code of nobody', { code: 'lost' }],
    ['a release to nobody', { code: 'release' }],
    ['a release to somebody unknown', { code: 'release', releaseTo: ['newspaper'] }],
    ['recipients without a release', { code: 'filed', releaseTo: ['education'] }],
  ])('of the police refuses %s', async (_why, input) => {
    const { deliveryId } = await received();
    await expect(receiver.feedback(deliveryId, { officer, ...input })).rejects.toMatchObject({ code: 'ZD_ERR_INPUT_UNREADABLE' });
    expect(await receiver.waiting()).toBe(0);
  });
});

describe('the outbox', () => {
  test('what is accepted while the relay is away is sent later, over the whole ladder and a restart', async () => {
    const { deliveryId } = await received();
    const { jws } = await receiver.accept(deliveryId, { officer });
    const bodies = relayAnswers('/v1/agency/receipts', 'away', 503, 404, 409, 202, 301, 500, 500, 500, 500, 200);
    const instants: number[] = [];
    const begin = clock.now();
    for (let second = 0; (await receiver.waiting()) > 0; second += 1) {
      const { sent, failed } = await receiver.flushOutbox();
      if (sent + failed > 0) instants.push((clock.now() - begin) / 1000);
      if (instants.length === 4) {
        await inbox.close();
        await open();
      }
      clock.advance(second < 4000 ? 1000 : 600_000);
    }
    expect(instants.slice(0, 9)).toEqual([0, 5, 20, 50, 110, 230, 530, 1130, 2930]);
    expect(instants).toHaveLength(11);
    expect(new Set(bodies)).toEqual(new Set([jws]));
    expect(findCanaries(logs.text())).toEqual([]);
  });

  test('a relay that is away is tried once in a sweep, not once for each message', async () => {
    for (const { deliveryId } of [await received(), await received(), await received()]) await receiver.accept(deliveryId, { officer });
    relayAnswers('/v1/agency/receipts', 'away');
    expect(await receiver.flushOutbox()).toEqual({ sent: 0, failed: 1 });
    relayAnswers('/v1/agency/receipts', 200, 200);
    expect(await receiver.flushOutbox()).toEqual({ sent: 2, failed: 0 });
    expect(await receiver.waiting()).toBe(1);
  });

  test('a started receiver sends by itself, right after the act', async () => {
    const { deliveryId } = await received();
    const bodies = relayAnswers('/v1/agency/receipts', 200);
    receiver.start();
    try {
      const { jws } = await receiver.accept(deliveryId, { officer });
      await expect.poll(() => bodies).toEqual([jws]);
      await expect.poll(() => receiver.waiting()).toBe(0);
    } finally {
      await receiver.stop();
    }
  });

  test('a setting that would never send is refused at the start', () => {
    const options = { keys: pair.agency, inbox, outbox: { ladderSeconds: [5, 0] } };
    expect(() => createReceiver(options)).toThrow(expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID' }));
  });
});

describe('opening', () => {
  test('INV-10 each opening is one audit entry, and shows the view without the restricted groups', async () => {
    const { deliveryId } = await received();
    const report = await receiver.open(deliveryId, officer);
    expect(report.body).toMatchObject({ patient: { name: canaries.childName } });
    expect(findCanaries(JSON.stringify(report)).filter((name) => name.startsWith('reporter'))).toEqual([]);
    expect(report.restrictedGroups).toContain('reporter');
    await receiver.open(deliveryId, officer);
    expect(await actions(deliveryId)).toEqual(['delivery.stored', 'delivery.opened', 'delivery.opened']);
    expect(report.trail.at(-1)).toEqual({ at: '2026-05-03T13:10:00.000Z', actor: 'officer:P1024', action: 'delivery.opened' });
  });

  test('INV-10 the reporter is shown to a named officer with a reason, logged before it is shown', async () => {
    const { deliveryId } = await received();
    for (const blank of ['', '  \t']) {
      await expect(receiver.openRestricted(deliveryId, 'reporter', officer, blank)).rejects.toMatchObject({
        code: 'ZD_ERR_REASON_MISSING',
      });
    }
    expect(await actions(deliveryId)).toEqual(['delivery.stored']);
    const reason = `核实现场情况 ${canaries.freeText}`;
    expect(await receiver.openRestricted(deliveryId, 'reporter', officer, reason)).toMatchObject({
      group: 'reporter',
      value: reporterIdentity,
    });
    expect(await actions(deliveryId)).toEqual(['delivery.stored', 'restricted.opened']);
    await expect(receiver.openRestricted(deliveryId, 'nothing', officer, reason)).rejects.toMatchObject({ code: 'ZD_ERR_NOT_FOUND' });
    await expect(receiver.openRestricted(deliveryId, 'toString', officer, reason)).rejects.toMatchObject({ code: 'ZD_ERR_NOT_FOUND' });
  });

  test('INV-11 the reason and the name of the officer are committed and sealed, not written', async () => {
    const { deliveryId } = await received();
    await receiver.openRestricted(deliveryId, 'reporter', officer, `核实 ${canaries.freeText}`);
    const journal = await readFile(join(pair.root, 'inbox', 'inbox.journal'), 'utf8');
    expect(findCanaries(journal)).toEqual([]);
    expect(journal).not.toContain(officer.name);
    const events = journal
      .trimEnd()
      .split('\n')
      .flatMap((line) => JSON.parse(line.slice(9)) as JournalEvent[]);
    const { entry, opening } = events.flatMap((event) => (event.t === 'change' ? event.audit : []))[0]!;
    const { id, commitment, subject } = JSON.parse(entry) as { id: string; commitment: string; subject: Record<string, string> };
    expect(subject).toMatchObject({ deliveryId, group: 'reporter' });
    const { wrappedKey } = (await inbox.find(deliveryId))!;
    const opened = createVault(pair.agency).open(wrappedKey, id, 'audit', Buffer.from(opening!, 'base64'));
    const parsed = JSON.parse(Buffer.from(opened).toString()) as { detail: { reason: string; officerName: string }; salt: string };
    expect(parsed.detail).toEqual({ reason: `核实 ${canaries.freeText}`, officerName: officer.name });
    expect(commitmentTo(parsed)).toBe(commitment);
  });

  test('a delivery that is not there is not found', async () => {
    const missing = 'dlv_01kam0jm0000000000000000aa';
    for (const act of [
      receiver.open(missing, officer),
      receiver.accept(missing, { officer }),
      receiver.openRestricted(missing, 'reporter', officer, '核实'),
    ]) {
      await expect(act).rejects.toMatchObject({ code: 'ZD_ERR_NOT_FOUND' });
    }
  });
});

async function actions(deliveryId: string): Promise<string[]> {
  return (await inbox.trail(deliveryId)).map(({ action }) => action);
}
