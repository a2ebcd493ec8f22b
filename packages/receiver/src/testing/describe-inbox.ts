import { createId, type Json } from '@zhida/core';
import { sha256Hex } from '@zhida/signing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Inbox, NewAttachment, NewDelivery, OutboxMessage, StageReceipt } from '../inbox.js';
import { sampleActs, sampleDelivery, sampleDraft, sampleReceipt } from './sample-delivery.js';

/** An inbox under test. */
export interface OpenInbox {
  readonly inbox: Inbox;
  /** A data key wrapped as this store expects it: the store seals audit details under it. */
  readonly wrappedKey: string;
}

export interface InboxSetup {
  /** Opens the store, a new and empty one at the first call, the same one after a close. Claims lapse after `claimMs`. */
  open(options: { readonly claimMs: number }): Promise<OpenInbox>;
  /** Removes what the tests made. */
  cleanUp(): Promise<void>;
}

/** Long enough that a busy machine does not let a claim lapse that nobody held up; one test waits for it. */
const CLAIM_MS = 2_000;
const FAR_FUTURE_MS = Date.parse('2100-01-01T00:00:00Z');

/** The promises every {@link Inbox} keeps; run it against each implementation, with its real disk or server. */
export function describeInbox(name: string, setup: InboxSetup): void {
  describe(`Inbox: ${name}`, () => {
    let inbox: Inbox;
    let wrappedKey: string;
    const open = async (): Promise<void> => {
      ({ inbox, wrappedKey } = await setup.open({ claimMs: CLAIM_MS }));
    };
    const given = (overrides: Partial<NewDelivery> = {}): NewDelivery => sampleDelivery({ wrappedKey, ...overrides });
    const stored = async (overrides: Partial<NewDelivery> = {}): Promise<NewDelivery> => {
      const delivery = given(overrides);
      await inbox.take(delivery, sampleActs(delivery));
      return delivery;
    };
    beforeAll(open);
    afterAll(async () => {
      await inbox.close();
      await setup.cleanUp();
    });

    claims(() => inbox, given, stored);
    changes(() => inbox, stored);
    outbox(() => inbox, stored);
    days(() => inbox, stored);
    attachments(
      () => inbox,
      stored,
      async () => {
        await inbox.close();
        await open();
      },
    );

    test('what was taken is there after the store was closed and opened again', async () => {
      const delivery = await stored({ sealedPayload: Buffer.from([0, 10, 255, 13]) });
      const message = outboxMessage(delivery);
      const accepted = sampleReceipt('accepted');
      await inbox.change(delivery.deliveryId, async () => ({
        receipt: accepted,
        outbox: [message],
        audit: [sampleDraft(delivery, 'delivery.accepted')],
      }));
      const before = await inbox.find(delivery.deliveryId);
      await inbox.close();
      await open();
      expect(await inbox.find(delivery.deliveryId)).toEqual(before);
      expect(Buffer.from((await inbox.payload(delivery.deliveryId)) ?? [])).toEqual(Buffer.from([0, 10, 255, 13]));
      expect((await dueIds(inbox)).includes(message.id)).toBe(true);
      expect((await inbox.trail(delivery.deliveryId)).map(({ action }) => action)).toEqual(['delivery.stored', 'delivery.accepted']);
      const again = await inbox.take(delivery, sampleActs(delivery));
      expect(again).toEqual({ outcome: 'repeat', receipt: before?.receipts[0] });
    });
  });
}

function days(inbox: () => Inbox, stored: Stored): void {
  test('receipts of one relay are found by the day they are dated in', async () => {
    const relay = `relay:${createId('dlv').slice(-12)}`;
    const { deliveryId, payloadSha256 } = await stored({ relay, receivedAt: '2026-05-03T13:06:00.000Z' });
    const accepted = { ...sampleReceipt('accepted'), at: '2026-05-04T00:00:00+08:00' };
    await inbox().change(deliveryId, async () => ({ receipt: accepted, outbox: [], audit: [] }));
    const midnight = Date.parse('2026-05-03T16:00:00Z');
    const [first, second] = [
      await inbox().receiptsBetween(relay, midnight - 86_400_000, midnight),
      await inbox().receiptsBetween(relay, midnight, midnight + 86_400_000),
    ];
    expect(first.map(({ stage }) => stage)).toEqual(['stored']);
    expect(second).toEqual([{ receiptId: accepted.receiptId, deliveryId, payloadSha256, stage: 'accepted' }]);
    expect(await inbox().receiptsBetween('relay:nobody', 0, midnight * 2)).toEqual([]);
  });
}

function attachments(inbox: () => Inbox, stored: Stored, reopen: () => Promise<void>): void {
  test('an attachment is kept once with its audit entry, and is there after the store was closed and opened again', async () => {
    const { deliveryId } = await stored();
    const attachment = sampleAttachment(deliveryId);
    const { sealed, ...record } = attachment;
    const draft = sampleDraft({ deliveryId }, 'attachment.stored');
    expect(await inbox().attach(attachment, draft)).toEqual(record);
    expect(await inbox().attach({ ...attachment, sha256: sha256Hex('other'), sealed: Buffer.from('other') }, draft)).toEqual(record);
    await expect(inbox().attach(sampleAttachment(createId('dlv')), draft)).rejects.toMatchObject({ code: 'ZD_ERR_NOT_FOUND' });
    await reopen();
    expect(await inbox().attachments(deliveryId)).toEqual([record]);
    expect(await inbox().attachments(createId('dlv'))).toEqual([]);
    expect(Buffer.from((await inbox().attachmentContent(attachment.attachmentId)) ?? [])).toEqual(Buffer.from(sealed));
    expect(await inbox().attachmentContent(createId('att'))).toBeUndefined();
    expect((await inbox().trail(deliveryId)).map(({ action }) => action)).toEqual(['delivery.stored', 'attachment.stored']);
  });
}

function sampleAttachment(deliveryId: string): NewAttachment {
  return {
    attachmentId: createId('att'),
    deliveryId,
    contentType: 'image/jpeg',
    size: 5,
    sha256: sha256Hex('bytes'),
    restricted: false,
    receivedAt: '2026-05-03T13:06:00.000Z',
    receiptJws: 'header.attachment.signature',
    sealed: Buffer.from([0, 255, 10, 13]),
  };
}

type Given = (overrides?: Partial<NewDelivery>) => NewDelivery;
type Stored = (overrides?: Partial<NewDelivery>) => Promise<NewDelivery>;

function claims(inbox: () => Inbox, given: Given, stored: Stored): void {
  test('INV-4 of twenty racing claims of one id, exactly one wins and all get its receipt', async () => {
    const delivery = given();
    const taken = await Promise.all(Array.from({ length: 20 }, () => inbox().take(delivery, sampleActs(delivery))));
    expect(taken.filter(({ outcome }) => outcome === 'new')).toHaveLength(1);
    expect(taken.filter(({ outcome }) => outcome === 'repeat')).toHaveLength(19);
    expect(new Set(taken.map((answer) => (answer.outcome === 'conflict' ? '' : answer.receipt.jws))).size).toBe(1);
    expect((await inbox().trail(delivery.deliveryId)).map(({ action }) => action)).toEqual(['delivery.stored']);
  });

  test('a claim whose signing fails leaves nothing, and the next one is new', async () => {
    const delivery = given();
    await expect(
      inbox().take(
        delivery,
        sampleActs(delivery, () => Promise.reject(new Error('no key'))),
      ),
    ).rejects.toThrow('no key');
    expect(await inbox().find(delivery.deliveryId)).toBeUndefined();
    expect(await inbox().trail(delivery.deliveryId)).toEqual([]);
    expect(await inbox().take(delivery, sampleActs(delivery))).toMatchObject({ outcome: 'new' });
  });

  test('a claim that is never confirmed lapses, and the next one is new', async () => {
    const delivery = given();
    const never = inbox().take(
      delivery,
      sampleActs(delivery, () => new Promise<StageReceipt>(() => undefined)),
    );
    await expect(never).rejects.toMatchObject({ code: 'ZD_ERR_BUSY' });
    expect(await inbox().take(delivery, sampleActs(delivery))).toMatchObject({ outcome: 'new' });
  });

  test('INV-4 the same id with another hash is a conflict: the first stands, the other is kept and logged once', async () => {
    const first = await stored();
    const other = { ...first, payloadSha256: sha256Hex('other'), sealedPayload: Buffer.from('other') };
    expect(await inbox().take(other, sampleActs(other))).toEqual({ outcome: 'conflict' });
    expect(await inbox().take(other, sampleActs(other))).toEqual({ outcome: 'conflict' });
    expect(await inbox().find(first.deliveryId)).toMatchObject({ payloadSha256: first.payloadSha256, conflicts: 1 });
    expect(Buffer.from((await inbox().payload(first.deliveryId)) ?? []).toString()).toBe('sealed payload');
    expect((await inbox().trail(first.deliveryId)).map(({ action }) => action)).toEqual(['delivery.stored', 'delivery.conflict']);
    expect(await inbox().take(first, sampleActs(first))).toMatchObject({ outcome: 'repeat' });
  });
}

function changes(inbox: () => Inbox, stored: Stored): void {
  test('of ten racing acts on one delivery each sees what the one before wrote', async () => {
    const { deliveryId } = await stored();
    const accepted = await Promise.all(
      Array.from({ length: 10 }, () =>
        inbox().change(deliveryId, async (record) =>
          record.receipts.some(({ stage }) => stage === 'accepted')
            ? undefined
            : { receipt: sampleReceipt('accepted'), outbox: [], audit: [sampleDraft({ deliveryId }, 'delivery.accepted')] },
        ),
      ),
    );
    expect(new Set(accepted.map(({ receipts }) => receipts.find(({ stage }) => stage === 'accepted')?.receiptId)).size).toBe(1);
    expect((await inbox().trail(deliveryId)).map(({ action }) => action)).toEqual(['delivery.stored', 'delivery.accepted']);
  });

  test('an act that fails writes nothing', async () => {
    const { deliveryId } = await stored();
    await expect(inbox().change(deliveryId, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    expect((await inbox().trail(deliveryId)).map(({ action }) => action)).toEqual(['delivery.stored']);
  });

  test('INV-12 an act whose audit entry is refused changes nothing', async () => {
    const delivery = await stored();
    const draft = { ...sampleDraft(delivery, 'delivery.accepted'), subject: { deliveryId: 'not a token' } };
    const change = { receipt: sampleReceipt('accepted'), outbox: [outboxMessage(delivery)], audit: [draft] };
    await expect(inbox().change(delivery.deliveryId, async () => change)).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID' });
    expect((await inbox().find(delivery.deliveryId))?.receipts.map(({ stage }) => stage)).toEqual(['stored']);
    expect(await dueIds(inbox())).not.toContain(change.outbox[0]?.id);
  });

  test('an act on a delivery that is not there is refused', async () => {
    await expect(inbox().change(sampleDelivery().deliveryId, async () => undefined)).rejects.toMatchObject({ code: 'ZD_ERR_NOT_FOUND' });
  });

  test('the list shows what waits first: urgent, then oldest; what was taken comes last', async () => {
    const at = (minute: number): string => `2026-05-04T01:0${minute}:00.000Z`;
    const accepted = await stored({ receivedAt: at(0) });
    await inbox().change(accepted.deliveryId, async () => ({ receipt: sampleReceipt('accepted'), outbox: [], audit: [] }));
    const routine = await stored({ receivedAt: at(1), priority: 'routine' });
    const later = await stored({ receivedAt: at(3) });
    const earlier = await stored({ receivedAt: at(2) });
    const wanted = [earlier, later, routine, accepted].map(({ deliveryId }) => deliveryId);
    const listed = (await inbox().list(1000)).map(({ deliveryId }) => deliveryId);
    expect(listed.filter((deliveryId) => wanted.includes(deliveryId))).toEqual(wanted);
    expect(await inbox().list(1)).toHaveLength(1);
  });
}

function outbox(inbox: () => Inbox, stored: Stored): void {
  test('a message waits until it is sent; a postponed one until its time, counting attempts', async () => {
    const delivery = await stored();
    const message = outboxMessage(delivery);
    await inbox().change(delivery.deliveryId, async () => ({ outbox: [message], audit: [] }));
    const waiting = await inbox().waiting();
    const find = async (nowMs: number) => (await inbox().due(nowMs, 1000)).find(({ id }) => id === message.id);
    expect(await find(FAR_FUTURE_MS)).toMatchObject({
      attempts: 0,
      kind: 'receipt',
      relay: delivery.relay,
      wrappedKey: delivery.wrappedKey,
    });
    await inbox().postponed(message.id, FAR_FUTURE_MS + 1);
    expect(await find(FAR_FUTURE_MS)).toBeUndefined();
    expect(await find(FAR_FUTURE_MS + 1)).toMatchObject({ attempts: 1 });
    await inbox().sent(message.id, FAR_FUTURE_MS);
    await inbox().sent(message.id, FAR_FUTURE_MS);
    await inbox().postponed(message.id, FAR_FUTURE_MS);
    expect(await find(FAR_FUTURE_MS + 1)).toBeUndefined();
    expect(await inbox().waiting()).toBe(waiting - 1);
  });

  test('what waits for one relay does not stand before what waits for another', async () => {
    const [away, near] = ['away', 'near'].map((name) => `relay:${name}-${createId('dlv').slice(-12)}`);
    const ids: string[] = [];
    for (const relay of [away, away, away, near]) {
      const delivery = await stored({ relay: relay ?? '' });
      const message = outboxMessage(delivery);
      await inbox().change(delivery.deliveryId, async () => ({ outbox: [message], audit: [] }));
      ids.push(message.id);
    }
    const due = (await inbox().due(FAR_FUTURE_MS, 2)).filter(({ relay }) => relay === away || relay === near);
    expect(due.map(({ relay }) => relay).sort()).toEqual([away, away, near]);
    expect(due.map(({ id }) => id)).toContain(ids.at(-1));
    for (const id of ids) await inbox().sent(id, FAR_FUTURE_MS);
  });

  test('a detail reaches the disk sealed alone', async () => {
    const { deliveryId } = await stored();
    const detail: Json = { reason: '只在密封内' };
    await inbox().change(deliveryId, async () => ({
      outbox: [],
      audit: [{ ...sampleDraft({ deliveryId }, 'restricted.opened'), detail }],
    }));
    expect(JSON.stringify(await inbox().trail(deliveryId))).not.toContain('只在密封内');
  });
}

function outboxMessage({ deliveryId, relay }: NewDelivery): OutboxMessage {
  return { id: sampleReceipt().receiptId, kind: 'receipt', deliveryId, relay, sealedJws: Buffer.from('sealed') };
}

async function dueIds(inbox: Inbox): Promise<string[]> {
  return (await inbox.due(FAR_FUTURE_MS, 1000)).map(({ id }) => id);
}
