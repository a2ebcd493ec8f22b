import type { DayReceipt } from '@zhida/audit-log';
import type { Json } from '@zhida/core';
import type { ReceiptStage } from '@zhida/signing';

/** One signed receipt (已签收, 已受理, 已转有管辖单位, 已停止使用), kept byte for byte: whoever asks again gets these bytes and no others. */
export interface StageReceipt {
  readonly stage: ReceiptStage;
  readonly receiptId: string;
  /** Compact JWS, typ `zhida-receipt+jws`. */
  readonly jws: string;
  /** RFC 3339. */
  readonly at: string;
  /** Who acted; `null` for `stored`, which happens by itself. */
  readonly officerId: string | null;
  readonly agencyNumber: string | null;
  readonly transferredTo: string | null;
}

/** What an officer told the hospital afterwards. Free text is not kept here: it travels in the signed statement alone. */
export interface FeedbackNote {
  readonly feedbackId: string;
  readonly code: string;
  readonly documentNumber: string | null;
  readonly at: string;
  readonly officerId: string;
  /** SHA-256, hex, over the key it came with and what it says: the same request sent again is this feedback. Absent where it came with none. */
  readonly requestSha256?: string;
}

/** What may be read of a delivery without opening it. No field says anything about a person. */
export interface DeliveryHeader {
  readonly deliveryId: string;
  readonly reportId: string;
  readonly number: string;
  readonly sequence: number;
  readonly kind: string;
  readonly view: string;
  readonly mode: string;
  /** The party that sent it and gets the receipts. */
  readonly relay: string;
  readonly priority: 'urgent' | 'routine';
  /** RFC 3339: when the hospital pressed. */
  readonly createdAt: string;
  /** RFC 3339: when this inbox stored it. */
  readonly receivedAt: string;
  /** Lower-case hex SHA-256 of the payload bytes, the same on every attempt. */
  readonly payloadSha256: string;
}

/** A delivery as it is handed to the store: everything about a person is already sealed. */
export interface NewDelivery extends DeliveryHeader {
  /** The data key of this delivery, wrapped by the agency's master key. */
  readonly wrappedKey: string;
  /** The few words of the inbox row, sealed. */
  readonly sealedSummary: Uint8Array;
  /** The payload bytes as the relay signed them, sealed. */
  readonly sealedPayload: Uint8Array;
}

/** A delivery as the store gives it back. The payload is fetched apart, because a list needs none. */
export interface InboxRecord extends DeliveryHeader {
  readonly wrappedKey: string;
  readonly sealedSummary: Uint8Array;
  readonly receipts: readonly StageReceipt[];
  readonly feedback: readonly FeedbackNote[];
  /** How many other payloads came under this delivery id. They are kept, and never shown in place of the first. */
  readonly conflicts: number;
}

/** One entry for the audit log. `subject` holds ids alone; `detail` is committed by a salted hash and never written in clear. */
export interface AuditDraft {
  readonly actor: string;
  readonly action: string;
  readonly subject: Readonly<Record<string, string>>;
  readonly detail?: Json;
}

/** A signed statement on its way to the relay. */
export interface OutboxMessage {
  /** The receipt's or feedback's own id: queuing it twice queues it once. */
  readonly id: string;
  readonly kind: 'receipt' | 'feedback' | 'opening';
  readonly deliveryId: string;
  readonly relay: string;
  /** Sealed under the data key of the delivery, because a reason may speak of a person. */
  readonly sealedJws: Uint8Array;
}

/** An outbox message whose time has come. */
export interface DueMessage extends OutboxMessage {
  readonly wrappedKey: string;
  /** How often it was tried before. */
  readonly attempts: number;
}

/** What an act changes about one delivery: all of it is written, or none. */
export interface Change {
  readonly receipt?: StageReceipt;
  readonly feedback?: FeedbackNote;
  readonly outbox: readonly OutboxMessage[];
  readonly audit: readonly AuditDraft[];
}

/** What the store does around a claim. */
export interface ClaimActs {
  /** Called by the one claim that wins, after the payload is written and before anything is committed. */
  readonly sign: () => Promise<StageReceipt>;
  readonly stored: AuditDraft;
  readonly conflict: AuditDraft;
}

/** An attachment of a delivery, without its content. */
export interface AttachmentRecord {
  readonly attachmentId: string;
  readonly deliveryId: string;
  readonly contentType: string;
  readonly size: number;
  /** Of the content, lower-case hex. */
  readonly sha256: string;
  /** Only a named officer opens it, with a reason. */
  readonly restricted: boolean;
  /** RFC 3339. */
  readonly receivedAt: string;
  /** The signed receipt, the same however often it is asked for. */
  readonly receiptJws: string;
}

/** An attachment as it is handed to the store: its content already sealed. */
export interface NewAttachment extends AttachmentRecord {
  readonly sealed: Uint8Array;
}

/** What became of a claim. `new` and `repeat` carry the same receipt bytes. */
export type Taken = { readonly outcome: 'new' | 'repeat'; readonly receipt: StageReceipt } | { readonly outcome: 'conflict' };

/** What the audit trail of one delivery says: who did what, and when. */
export interface TrailEntry {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
}

/**
 * Where an agency keeps what it received. `describeInbox` of `@zhida/receiver/testing` states the promises as tests;
 * run it against every implementation.
 *
 * Every method that changes something commits to disk before it resolves, and writes its audit entries in the same
 * transaction. Ids are kept as long as the deliveries themselves: that is the replay window.
 */
export interface Inbox {
  /**
   * Claims the delivery id, stores the payload, calls `sign`, stores the receipt, and commits: exactly one of many racing
   * claims of one id wins, the others get its receipt. A claim whose `sign` throws or takes longer than the claim time
   * lapses and leaves nothing, so that a crash half-way is retried and not swallowed.
   * The same id with another hash is kept beside the first and answered `conflict`.
   */
  take(delivery: NewDelivery, acts: ClaimActs): Promise<Taken>;
  find(deliveryId: string): Promise<InboxRecord | undefined>;
  /** Open ones first (urgent before routine, oldest first), then the accepted ones, newest first. */
  list(limit: number): Promise<readonly InboxRecord[]>;
  payload(deliveryId: string): Promise<Uint8Array | undefined>;
  /**
   * Locks one delivery, lets `decide` look at it, and writes what it returns; `undefined` changes nothing.
   * Resolves with the delivery as it is afterwards.
   *
   * @throws ZhidaError `ZD_ERR_NOT_FOUND` when there is no such delivery.
   */
  change(deliveryId: string, decide: (record: InboxRecord) => Promise<Change | undefined>): Promise<InboxRecord>;
  /** The oldest messages to each relay whose time has come, `nowMs` and before; at most `limit` to one, so that none stands before another's. */
  due(nowMs: number, limit: number): Promise<readonly DueMessage[]>;
  sent(messageId: string, atMs: number): Promise<void>;
  postponed(messageId: string, nextDueAtMs: number): Promise<void>;
  /** How many messages have not reached the relay. */
  waiting(): Promise<number>;
  trail(deliveryId: string): Promise<readonly TrailEntry[]>;
  /**
   * Keeps an attachment of a delivery that is here, with its audit entry. The first one of an id stands; resolves with what is kept.
   *
   * @throws ZhidaError `ZD_ERR_NOT_FOUND` when there is no such delivery.
   */
  attach(attachment: NewAttachment, stored: AuditDraft): Promise<AttachmentRecord>;
  /** Receipts signed for deliveries of one relay in `[fromMs, toMs)`, by their own time. */
  receiptsBetween(relay: string, fromMs: number, toMs: number): Promise<readonly DayReceipt[]>;
  /** Oldest first. */
  attachments(deliveryId: string): Promise<readonly AttachmentRecord[]>;
  /** The sealed content. */
  attachmentContent(attachmentId: string): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}
