import type { DayReceipt } from '@zhida/audit-log';
import { ZhidaError } from '@zhida/core';
import type { AttachmentRecord, DueMessage, InboxRecord, OutboxMessage, TrailEntry } from '../inbox.js';
import { byUrgency } from '../order.js';
import { fromBase64, type JournalEvent } from './events.js';
import type { Position } from './journal.js';

interface Waiting {
  readonly message: OutboxMessage;
  readonly dueAtMs: number;
  readonly attempts: number;
}

type EventOf<T extends JournalEvent['t']> = Extract<JournalEvent, { t: T }>;

/** What the journal adds up to: everything but the payloads, which stay in the file. */
export class FileState {
  #origin: string | undefined;
  readonly #records = new Map<string, InboxRecord>();
  readonly #payloads = new Map<string, Position>();
  readonly #conflicts = new Set<string>();
  readonly #outbox = new Map<string, Waiting>();
  readonly #attachments = new Map<string, AttachmentRecord>();
  readonly #trails = new Map<string, TrailEntry[]>();

  /** The origin the journal was begun under; undefined for a new one. */
  get origin(): string | undefined {
    return this.#origin;
  }

  /** Takes one event, in the order of the journal. */
  apply(event: JournalEvent, position: Position): void {
    if (event.t === 'origin') this.#origin = event.origin;
    if (event.t === 'take') this.#take(event, position);
    if (event.t === 'change') this.#change(event);
    if (event.t === 'attach') this.#attachments.set(event.attachment.attachmentId, event.attachment);
    if (event.t === 'conflict') this.#conflict(event);
    if (event.t === 'postponed') this.#postpone(event);
    if (event.t === 'sent') this.#outbox.delete(event.messageId);
    this.#keepTrail(event);
  }

  record(deliveryId: string): InboxRecord | undefined {
    return this.#records.get(deliveryId);
  }

  payloadPosition(deliveryId: string): Position | undefined {
    return this.#payloads.get(deliveryId);
  }

  hasConflict(deliveryId: string, payloadSha256: string): boolean {
    return this.#conflicts.has(`${deliveryId} ${payloadSha256}`);
  }

  list(limit: number): readonly InboxRecord[] {
    return [...this.#records.values()].sort(byUrgency).slice(0, limit);
  }

  due(nowMs: number, limit: number): readonly DueMessage[] {
    const taken = new Map<string, number>();
    return [...this.#outbox.values()]
      .filter(({ dueAtMs }) => dueAtMs <= nowMs)
      .sort((left, right) => left.dueAtMs - right.dueAtMs)
      .filter(({ message: { relay } }) => {
        const place = (taken.get(relay) ?? 0) + 1;
        taken.set(relay, place);
        return place <= limit;
      })
      .map(({ message, attempts }) => ({ ...message, attempts, wrappedKey: this.#known(message.deliveryId).wrappedKey }));
  }

  waiting(): number {
    return this.#outbox.size;
  }

  isWaiting(messageId: string): boolean {
    return this.#outbox.has(messageId);
  }

  trail(deliveryId: string): readonly TrailEntry[] {
    return [...(this.#trails.get(deliveryId) ?? [])];
  }

  receiptsBetween(relay: string, fromMs: number, toMs: number): readonly DayReceipt[] {
    return [...this.#records.values()]
      .filter((record) => record.relay === relay)
      .flatMap(({ deliveryId, payloadSha256, receipts }) =>
        receipts
          .filter(({ at }) => Date.parse(at) >= fromMs && Date.parse(at) < toMs)
          .map(({ receiptId, stage }) => ({ receiptId, deliveryId, payloadSha256, stage })),
      );
  }

  attachment(attachmentId: string): AttachmentRecord | undefined {
    return this.#attachments.get(attachmentId);
  }

  attachments(deliveryId: string): readonly AttachmentRecord[] {
    return [...this.#attachments.values()].filter((attachment) => attachment.deliveryId === deliveryId);
  }

  #known(deliveryId: string): InboxRecord {
    const record = this.#records.get(deliveryId);
    if (record === undefined) throw new ZhidaError('ZD_ERR_AUDIT_CORRUPT', 'the journal speaks of a delivery it never took');
    return record;
  }

  #take({ header, summary, receipt }: EventOf<'take'>, position: Position): void {
    const record = { ...header, sealedSummary: fromBase64(summary), receipts: [receipt], feedback: [], conflicts: 0 };
    this.#records.set(header.deliveryId, record);
    this.#payloads.set(header.deliveryId, position);
  }

  #change({ deliveryId, receipt, feedback, outbox }: EventOf<'change'>): void {
    const record = this.#known(deliveryId);
    this.#records.set(deliveryId, {
      ...record,
      receipts: receipt === null ? record.receipts : [...record.receipts, receipt],
      feedback: feedback === null ? record.feedback : [...record.feedback, feedback],
    });
    for (const { jws, dueAtMs, ...message } of outbox) {
      this.#outbox.set(message.id, { message: { ...message, sealedJws: fromBase64(jws) }, dueAtMs, attempts: 0 });
    }
  }

  #conflict({ deliveryId, payloadSha256 }: EventOf<'conflict'>): void {
    const record = this.#known(deliveryId);
    this.#conflicts.add(`${deliveryId} ${payloadSha256}`);
    this.#records.set(deliveryId, { ...record, conflicts: record.conflicts + 1 });
  }

  #postpone({ messageId, dueAtMs }: EventOf<'postponed'>): void {
    const waiting = this.#outbox.get(messageId);
    if (waiting !== undefined) this.#outbox.set(messageId, { ...waiting, dueAtMs, attempts: waiting.attempts + 1 });
  }

  #keepTrail(event: JournalEvent): void {
    if (!('audit' in event)) return;
    const deliveryId = event.t === 'take' ? event.header.deliveryId : event.deliveryId;
    const trail = this.#trails.get(deliveryId) ?? [];
    for (const { entry } of event.audit) {
      const { at, actor, action } = JSON.parse(entry) as TrailEntry;
      trail.push({ at, actor, action });
    }
    this.#trails.set(deliveryId, trail);
  }
}
