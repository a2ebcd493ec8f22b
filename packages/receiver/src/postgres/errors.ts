import { ZhidaError } from '@zhida/core';
import { asUnavailable } from '@zhida/database';
import type { Inbox } from '../inbox.js';

/** A lock not granted in time, a transaction the server ended because its claim was never confirmed, or one it chose to end. */
const LAPSED = new Set(['55P03', '25P03', '40001', '40P01']);

/**
 * An inbox whose database failures are expected ones: the relay is asked to come again.
 * A message of the driver may quote a row, so it stays in `cause` and is logged nowhere.
 */
export function withDatabaseErrors(inbox: Inbox): Inbox {
  const guard = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw lapsed(error) ?? asUnavailable(error) ?? error;
    }
  };
  return {
    take: (delivery, acts) => guard(inbox.take(delivery, acts)),
    find: (deliveryId) => guard(inbox.find(deliveryId)),
    list: (limit) => guard(inbox.list(limit)),
    payload: (deliveryId) => guard(inbox.payload(deliveryId)),
    change: (deliveryId, decide) => guard(inbox.change(deliveryId, decide)),
    due: (nowMs, limit) => guard(inbox.due(nowMs, limit)),
    sent: (messageId, atMs) => guard(inbox.sent(messageId, atMs)),
    postponed: (messageId, dueAtMs) => guard(inbox.postponed(messageId, dueAtMs)),
    waiting: () => guard(inbox.waiting()),
    trail: (deliveryId) => guard(inbox.trail(deliveryId)),
    receiptsBetween: (relay, fromMs, toMs) => guard(inbox.receiptsBetween(relay, fromMs, toMs)),
    attach: (attachment, stored) => guard(inbox.attach(attachment, stored)),
    attachments: (deliveryId) => guard(inbox.attachments(deliveryId)),
    attachmentContent: (attachmentId) => guard(inbox.attachmentContent(attachmentId)),
    close: () => inbox.close(),
  };
}

function lapsed(error: unknown): ZhidaError | undefined {
  if (!(error instanceof Error) || !('code' in error) || !LAPSED.has(String(error.code))) return undefined;
  return new ZhidaError('ZD_ERR_BUSY', 'the claim lapsed before it was confirmed', { cause: error });
}
