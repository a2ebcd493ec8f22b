import { systemClock } from '@zhida/core';
import type { InboxRecord, Receiver } from '@zhida/receiver';
import type { Truth } from './truth.js';

const OFFICER = { id: 'duty', name: '值班员' };
const ACCEPTS = 0.3;
const FEEDS_BACK = 0.15;

interface Officers {
  readonly receiver: Receiver;
  readonly truth: Truth;
  readonly random: () => number;
}

/**
 * Officers act on some of what is stored at once, so that their word may come to the relay before the receipt.
 *
 * @param record the delivery as it is in the inbox, for the first time
 * @param lastFirst whether what comes of it is told before that it was taken
 * @returns ids of what they have said
 */
export async function officersAct(officers: Officers, record: InboxRecord, lastFirst: boolean): Promise<string[]> {
  const acts = [() => accepts(officers, record), () => stopsUsing(officers, record), () => feedsBack(officers, record)];
  const said: string[] = [];
  for (const act of lastFirst ? acts.toReversed() : acts) {
    const id = await act();
    if (id !== undefined) said.push(id);
  }
  return said;
}

async function accepts({ receiver, truth, random }: Officers, { deliveryId, kind }: InboxRecord): Promise<string | undefined> {
  if (random() >= ACCEPTS) return undefined;
  if (kind !== 'error-notice') truth.closed.set(deliveryId, systemClock.now());
  const { receiptId, stage } = await receiver.accept(deliveryId, { officer: OFFICER });
  truth.acts.set(receiptId, { deliveryId, stage });
  return receiptId;
}

/** Every error notice is obeyed: nothing else closes it. */
async function stopsUsing({ receiver, truth }: Officers, { deliveryId, kind }: InboxRecord): Promise<string | undefined> {
  if (kind !== 'error-notice') return undefined;
  truth.closed.set(deliveryId, systemClock.now());
  const { receiptId, stage } = await receiver.stoppedUsing(deliveryId, { officer: OFFICER });
  truth.acts.set(receiptId, { deliveryId, stage });
  return receiptId;
}

async function feedsBack({ receiver, truth, random }: Officers, { deliveryId, view }: InboxRecord): Promise<string | undefined> {
  if (random() >= FEEDS_BACK) return undefined;
  const { feedbackId } = await receiver.feedback(deliveryId, { officer: OFFICER, code: view === 'police' ? 'filed' : 'aid' });
  truth.feedback.add(feedbackId);
  return feedbackId;
}
