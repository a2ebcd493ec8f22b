import type { Json } from '@zhida/core';
import type { AttachmentRecord, FeedbackNote, InboxRecord, OutboxMessage, StageReceipt } from '../inbox.js';

/** An audit entry as the journal keeps it: the canonical bytes, and what opens its commitment, sealed. */
export interface JournalAudit {
  readonly entry: string;
  readonly opening: string | null;
}

/** Bytes are base64 in the journal. */
export type JournalEvent =
  | { readonly t: 'origin'; readonly v: '1'; readonly origin: string }
  | {
      readonly t: 'take';
      readonly header: Omit<InboxRecord, 'sealedSummary' | 'receipts' | 'feedback' | 'conflicts'>;
      readonly summary: string;
      readonly payload: string;
      readonly receipt: StageReceipt;
      readonly audit: readonly JournalAudit[];
    }
  | {
      readonly t: 'conflict';
      readonly deliveryId: string;
      readonly payloadSha256: string;
      readonly wrappedKey: string;
      readonly payload: string;
      readonly receivedAt: string;
      readonly audit: readonly JournalAudit[];
    }
  | {
      readonly t: 'change';
      readonly deliveryId: string;
      readonly receipt: StageReceipt | null;
      readonly feedback: FeedbackNote | null;
      readonly outbox: readonly (Omit<OutboxMessage, 'sealedJws'> & { readonly jws: string; readonly dueAtMs: number })[];
      readonly audit: readonly JournalAudit[];
    }
  | { readonly t: 'attach'; readonly deliveryId: string; readonly attachment: AttachmentRecord; readonly audit: readonly JournalAudit[] }
  | { readonly t: 'sent'; readonly messageId: string; readonly atMs: number }
  | { readonly t: 'postponed'; readonly messageId: string; readonly dueAtMs: number };

/** The journal holds what this package wrote under a checksum, so its shape is not checked field by field again. */
export function eventOf(value: Json): JournalEvent {
  return value as unknown as JournalEvent;
}

export function jsonOf(event: JournalEvent): Json {
  return event as unknown as Json;
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
